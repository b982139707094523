//! Behaviour of the room through its public face, one file per behaviour.
