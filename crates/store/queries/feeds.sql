SELECT feed_id, authority_id, name, kinds, regions, rate_per_minute, created_at, ends_at, ended_at,
    public_key
FROM feed
ORDER BY created_at, feed_id;
