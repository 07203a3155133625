-- When a domain's token was made: the graph forgets its snapshot some time after.

-- +goose Up
ALTER TABLE domains ADD COLUMN token_at bigint NOT NULL DEFAULT 0;
CREATE INDEX domains_token_at ON domains (token_at);
