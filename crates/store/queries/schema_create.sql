-- Stands outside the numbered migrations: they are counted here.
CREATE TABLE IF NOT EXISTS schema_version (
    -- A migration that was applied.
    version BIGINT NOT NULL PRIMARY KEY
);
