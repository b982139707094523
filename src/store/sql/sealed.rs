//! Whether anything is stored that a data key seals: asked once per key, before it is made.

super::statements! { Store;
    IDENTITY, "sealed.identity", "SELECT 1 FROM account WHERE id = ?1";
    CREDENTIAL, "sealed.credential", "SELECT 1 FROM credential WHERE owner_kind = ?1 AND owner = ?2";
    PAYMENT, "sealed.payment", "SELECT 1 FROM payment WHERE account = ?1 AND year = ?2 LIMIT 1";
    INVOICE, "sealed.invoice", "SELECT 1 FROM invoice WHERE account = ?1 AND year = ?2 LIMIT 1";
    SUPPORT, "sealed.support", "SELECT 1 FROM ticket WHERE account = ?1 LIMIT 1";
    ACTIVITY, "sealed.activity", "SELECT 1 FROM activity WHERE day = ?1 LIMIT 1";
    STAFF, "sealed.staff", "SELECT 1 FROM principal WHERE id = ?1";
}
