-- +goose Up
CREATE TABLE domains (
    name           TEXT PRIMARY KEY,
    epoch          INTEGER NOT NULL,
    token          TEXT NOT NULL,
    schema_digest  TEXT NOT NULL,
    last_operation TEXT NOT NULL,
    last_seq       INTEGER NOT NULL,
    last_hash      BLOB,
    next_expiry    INTEGER NOT NULL, -- seconds since 1970, 0 for never
    created_at     INTEGER NOT NULL -- times: microseconds since 1970, 0 for none
) STRICT, WITHOUT ROWID;

CREATE TABLE entries (
    domain          TEXT NOT NULL, -- of the object; empty for a user
    type            TEXT NOT NULL,
    id              TEXT NOT NULL,
    parent_type     TEXT NOT NULL,
    parent_id       TEXT NOT NULL,
    title           TEXT NOT NULL,
    folded_title    TEXT NOT NULL,
    state           TEXT NOT NULL,
    kind            TEXT NOT NULL,
    email           TEXT,
    user_id         TEXT,
    role            TEXT NOT NULL,
    invitation_hash BLOB,
    invitation      TEXT, -- JSON
    attributes      TEXT, -- JSON
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    PRIMARY KEY (domain, type, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX entries_parent ON entries (domain, type, parent_type, parent_id);
CREATE INDEX entries_title ON entries (domain, type, folded_title);
CREATE INDEX entries_email ON entries (email, domain) WHERE email IS NOT NULL;
CREATE INDEX entries_user ON entries (user_id, domain) WHERE user_id IS NOT NULL;
CREATE INDEX entries_invitation ON entries (invitation_hash) WHERE invitation_hash IS NOT NULL;

CREATE TABLE relationships (
    resource_type    TEXT NOT NULL,
    resource_id      TEXT NOT NULL,
    relation         TEXT NOT NULL,
    subject_type     TEXT NOT NULL,
    subject_id       TEXT NOT NULL,
    subject_relation TEXT NOT NULL,
    domain           TEXT NOT NULL, -- of the resource
    expires_at       INTEGER NOT NULL, -- seconds since 1970, 0 for never
    record           TEXT NOT NULL,
    written_at       INTEGER NOT NULL,
    PRIMARY KEY (resource_type, resource_id, relation, subject_type, subject_id, subject_relation)
) STRICT, WITHOUT ROWID;
CREATE INDEX relationships_domain ON relationships
    (domain, resource_type, resource_id, relation, subject_type, subject_id, subject_relation);
CREATE INDEX relationships_subject ON relationships (subject_type, subject_id, resource_type, resource_id);
CREATE INDEX relationships_expiry ON relationships (domain, expires_at) WHERE expires_at > 0;

CREATE TABLE records (
    id              TEXT PRIMARY KEY,
    domain          TEXT NOT NULL,
    seq             INTEGER NOT NULL,
    after_operation TEXT NOT NULL,
    operation       TEXT NOT NULL,
    actor_kind      TEXT NOT NULL,
    actor_user      TEXT NOT NULL,
    actor_key       TEXT NOT NULL,
    actor_role      TEXT NOT NULL,
    params          TEXT, -- JSON, byte by byte as given
    reason          TEXT NOT NULL,
    object_type     TEXT NOT NULL,
    object_id       TEXT NOT NULL,
    summary         TEXT NOT NULL,
    entries         TEXT, -- JSON
    updates         TEXT, -- JSON
    state           TEXT NOT NULL,
    refusal         TEXT NOT NULL,
    epoch           INTEGER NOT NULL,
    idempotency_key TEXT,
    request_digest  BLOB,
    created_at      INTEGER NOT NULL,
    finished_at     INTEGER NOT NULL,
    prev_hash       BLOB,
    hash            BLOB
) STRICT;
CREATE INDEX records_seq ON records (domain, seq, id);
CREATE INDEX records_pending ON records (domain, seq, id) WHERE state = 'pending';
CREATE INDEX records_object ON records (domain, object_type, object_id, seq);
CREATE UNIQUE INDEX records_idempotency ON records (domain, actor_user, idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE api_keys (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    hash       BLOB,
    scopes     TEXT, -- JSON
    partner    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value BLOB
) STRICT, WITHOUT ROWID;

-- How selective the indexes are in a portal of some size. Without figures
-- SQLite prefers a primary key to the index meant for the query, and ANALYZE
-- on an empty database has none; see sqlite.org/lang_analyze.html, 4.
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('entries', 'entries', '100000 500 200 1'),
    ('entries', 'entries_parent', '100000 500 200 100 10'),
    ('entries', 'entries_title', '100000 500 200 1'),
    ('entries', 'entries_email', '20000 2 1'),
    ('entries', 'entries_user', '20000 2 1'),
    ('entries', 'entries_invitation', '1000 1'),
    ('relationships', 'relationships', '300000 75000 6 3 3 1 1'),
    ('relationships', 'relationships_domain', '300000 1500 400 6 3 3 1 1'),
    ('relationships', 'relationships_subject', '300000 75000 15 5 1'),
    ('relationships', 'relationships_expiry', '1000 20 2 1 1 1 1 1 1'),
    ('records', 'records_seq', '1000000 5000 1 1'),
    ('records', 'records_pending', '10 1 1 1'),
    ('records', 'records_object', '1000000 5000 500 10 1'),
    ('records', 'records_idempotency', '500000 2500 25 1');
ANALYZE sqlite_schema;

-- +goose Down
DROP TABLE settings;
DROP TABLE api_keys;
DROP TABLE records;
DROP TABLE relationships;
DROP TABLE entries;
DROP TABLE domains;
