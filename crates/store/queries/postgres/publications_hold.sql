-- Whoever decides shares this lock until the transaction ends, and waits for whoever publishes; whoever
-- only reads, as a backup does, keeps nobody waiting.
LOCK TABLE policy IN ROW SHARE MODE;
