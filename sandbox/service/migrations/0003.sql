-- Version 3: certificates of the keys with which issuers of cards sign.

-- EF 0004 of 券面事項確認AP, as checks brought it that were answered. One is for many cards, and names none of them.
CREATE TABLE key_certificate (
    key_id BLOB NOT NULL PRIMARY KEY,
    certificate BLOB NOT NULL,
    -- The last accepted check.
    seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX key_certificate_age ON key_certificate (seen_at);
