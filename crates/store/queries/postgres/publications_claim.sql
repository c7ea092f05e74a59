-- Whoever publishes waits for those who decide now, so that what is decided again afterwards is read
-- with all that they write.
LOCK TABLE policy IN EXCLUSIVE MODE;
