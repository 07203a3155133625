-- Text that lists are ordered by has the collation "C": byte by byte, as in SQLite
-- and Go, whatever the database's own.

-- +goose Up
CREATE TABLE domains (
    name           text COLLATE "C" PRIMARY KEY,
    epoch          bigint NOT NULL,
    token          text NOT NULL,
    schema_digest  text NOT NULL,
    last_operation text NOT NULL,
    last_seq       bigint NOT NULL,
    last_hash      bytea,
    next_expiry    bigint NOT NULL, -- seconds since 1970, 0 for never
    created_at     bigint NOT NULL -- times: microseconds since 1970, 0 for none
);

CREATE TABLE entries (
    domain          text COLLATE "C" NOT NULL, -- of the object; empty for a user
    type            text COLLATE "C" NOT NULL,
    id              text COLLATE "C" NOT NULL,
    parent_type     text NOT NULL,
    parent_id       text NOT NULL,
    title           text NOT NULL,
    folded_title    text NOT NULL,
    state           text NOT NULL,
    kind            text NOT NULL,
    email           text,
    user_id         text,
    role            text NOT NULL,
    invitation_hash bytea,
    invitation      text, -- JSON
    attributes      text, -- JSON
    created_at      bigint NOT NULL,
    updated_at      bigint NOT NULL,
    PRIMARY KEY (domain, type, id)
);
CREATE INDEX entries_parent ON entries (domain, type, parent_type, parent_id);
CREATE INDEX entries_title ON entries (domain, type, folded_title);
CREATE INDEX entries_email ON entries (email, domain) WHERE email IS NOT NULL;
CREATE INDEX entries_user ON entries (user_id, domain) WHERE user_id IS NOT NULL;
CREATE INDEX entries_invitation ON entries (invitation_hash) WHERE invitation_hash IS NOT NULL;

CREATE TABLE relationships (
    resource_type    text COLLATE "C" NOT NULL,
    resource_id      text COLLATE "C" NOT NULL,
    relation         text COLLATE "C" NOT NULL,
    subject_type     text COLLATE "C" NOT NULL,
    subject_id       text COLLATE "C" NOT NULL,
    subject_relation text COLLATE "C" NOT NULL,
    domain           text COLLATE "C" NOT NULL, -- of the resource
    expires_at       bigint NOT NULL, -- seconds since 1970, 0 for never
    record           text NOT NULL,
    written_at       bigint NOT NULL,
    PRIMARY KEY (resource_type, resource_id, relation, subject_type, subject_id, subject_relation)
);
CREATE INDEX relationships_domain ON relationships
    (domain, resource_type, resource_id, relation, subject_type, subject_id, subject_relation);
CREATE INDEX relationships_subject ON relationships (subject_type, subject_id, resource_type, resource_id);
CREATE INDEX relationships_expiry ON relationships (domain, expires_at) WHERE expires_at > 0;

CREATE TABLE records (
    id              text COLLATE "C" PRIMARY KEY,
    domain          text COLLATE "C" NOT NULL,
    seq             bigint NOT NULL,
    after_operation text NOT NULL,
    operation       text NOT NULL,
    actor_kind      text NOT NULL,
    actor_user      text NOT NULL,
    actor_key       text NOT NULL,
    actor_role      text NOT NULL,
    params          text, -- JSON, byte by byte as given
    reason          text NOT NULL,
    object_type     text NOT NULL,
    object_id       text NOT NULL,
    summary         text NOT NULL,
    entries         text, -- JSON
    updates         text, -- JSON
    state           text NOT NULL,
    refusal         text NOT NULL,
    epoch           bigint NOT NULL,
    idempotency_key text,
    request_digest  bytea,
    created_at      bigint NOT NULL,
    finished_at     bigint NOT NULL,
    prev_hash       bytea,
    hash            bytea
);
CREATE INDEX records_seq ON records (domain, seq, id);
CREATE INDEX records_pending ON records (domain, seq, id) WHERE state = 'pending';
CREATE INDEX records_object ON records (domain, object_type, object_id, seq);
CREATE UNIQUE INDEX records_idempotency ON records (domain, actor_user, idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE api_keys (
    id         text COLLATE "C" PRIMARY KEY,
    name       text NOT NULL,
    hash       bytea,
    scopes     text, -- JSON
    partner    text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    revoked_at bigint NOT NULL
);

CREATE TABLE settings (
    name  text PRIMARY KEY,
    value bytea
);

-- +goose Down
DROP TABLE settings;
DROP TABLE api_keys;
DROP TABLE records;
DROP TABLE relationships;
DROP TABLE entries;
DROP TABLE domains;
