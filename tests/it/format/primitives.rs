//! What FORMAT.md takes from elsewhere, over plain crates: RFC 2104, RFC 5869, RFC 6962, C2SP.

use aes::{Aes256, cipher::BlockCipherEncrypt};
use aes_gcm::{Aes256Gcm, KeyInit, aead::AeadInOut};
use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256, Sha512};

/// 32 bytes: a key, a hash, a MAC.
pub type Bytes32 = [u8; 32];

pub fn b64(text: &str) -> Vec<u8> {
    Base64UrlUnpadded::decode_vec(text).unwrap()
}

pub fn to_b64(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

pub fn padded_b64(text: &str) -> Vec<u8> {
    Base64::decode_vec(text).unwrap()
}

pub fn to_padded_b64(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

pub fn bytes32(bytes: &[u8]) -> Bytes32 {
    bytes.try_into().unwrap()
}

pub fn sha256(parts: &[&[u8]]) -> Bytes32 {
    let mut digest = Sha256::new();
    parts.iter().for_each(|part| digest.update(part));
    digest.finalize().into()
}

pub fn hmac(key: &[u8], parts: &[&[u8]]) -> Bytes32 {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

pub fn xor(left: Bytes32, right: Bytes32) -> Bytes32 {
    let mut sum = left;
    sum.iter_mut().zip(right).for_each(|(byte, other)| *byte ^= other);
    sum
}

/// HKDF-Expand-SHA-512, RFC 5869 section 2.3.
pub fn expand(prk: &[u8], info: &[&[u8]], length: usize) -> Vec<u8> {
    let (mut out, mut block) = (Vec::new(), Vec::new());
    for counter in 1_u8.. {
        let mut mac = Hmac::<Sha512>::new_from_slice(prk).unwrap();
        mac.update(&block);
        info.iter().for_each(|part| mac.update(part));
        mac.update(&[counter]);
        block = mac.finalize().into_bytes().to_vec();
        out.extend_from_slice(&block);
        if out.len() >= length {
            break;
        }
    }
    out.truncate(length);
    out
}

fn gcm_open(key: &[u8], nonce: &[u8], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (text, tag) = sealed.split_at_checked(sealed.len().checked_sub(16)?)?;
    let (nonce, tag): (&[u8; 12], &[u8; 16]) = (nonce.try_into().ok()?, tag.try_into().ok()?);
    let mut text = text.to_vec();
    let cipher = Aes256Gcm::new_from_slice(key).ok()?;
    cipher.decrypt_inout_detached(nonce.into(), aad, text.as_mut_slice().into(), tag.into()).ok()?;
    Some(text)
}

/// XAES-256-GCM, C2SP v1.0.1: nonce 24, ciphertext, tag.
pub fn xaes_open(key: &[u8], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, rest) = sealed.split_at_checked(24)?;
    let aes = Aes256::new_from_slice(key).ok()?;
    let encrypt = |block: [u8; 16]| -> [u8; 16] {
        let mut block = block;
        aes.encrypt_block((&mut block).into());
        block
    };
    let zero = u128::from_be_bytes(encrypt([0; 16]));
    let mask = ((zero << 1) ^ ((zero >> 127) * 0x87)).to_be_bytes();
    let half = |counter: u8| {
        let mut block = [0; 16];
        let input = [0, counter, b'X', 0].into_iter().chain(nonce[..12].iter().copied());
        block.iter_mut().zip(input).zip(mask).for_each(|((slot, byte), mask)| *slot = byte ^ mask);
        encrypt(block)
    };
    gcm_open(&[half(1), half(2)].concat(), &nonce[12..], aad, rest)
}

/// C2SP chunked encryption with AES-256-GCM: salt 24, commitment 32, chunks.
pub fn chunked_open(key: &[u8], context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (salt, rest) = sealed.split_at_checked(24)?;
    let (commitment, chunks) = rest.split_at_checked(32)?;
    let label: &[u8] = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0";
    let derived = expand(key, &[label, salt, context], 76);
    if derived[44..] != *commitment {
        return None;
    }
    let (full, last) = chunks.split_at_checked(chunks.len() / 16_400 * 16_400)?;
    let mut text = Vec::new();
    for (index, chunk) in full.chunks(16_400).chain([last]).enumerate() {
        let mut nonce = derived[32..44].to_vec();
        nonce
            .iter_mut()
            .rev()
            .zip((index as u64).to_le_bytes())
            .for_each(|(byte, of_index)| *byte ^= of_index);
        text.extend(gcm_open(&derived[..32], &nonce, b"", chunk)?);
    }
    Some(text)
}

/// The root of RFC 6962 section 2.1, as it is defined there.
pub fn root(leaves: &[Bytes32]) -> Bytes32 {
    match leaves {
        [] => sha256(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            sha256(&[&[1], &root(left), &root(right)])
        }
    }
}

/// The roots of the perfect subtrees that these leaves fall into, largest first.
pub fn peaks(leaves: &[Bytes32]) -> Vec<Bytes32> {
    let mut rest = leaves;
    let mut peaks = Vec::new();
    while let Some(height) = rest.len().checked_ilog2() {
        let (tree, others) = rest.split_at(1 << height);
        peaks.push(root(tree));
        rest = others;
    }
    peaks
}
