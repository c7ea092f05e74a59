INSERT INTO feed
    (feed_id, authority_id, name, kinds, regions, rate_per_minute, created_at, ends_at,
        public_key)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);
