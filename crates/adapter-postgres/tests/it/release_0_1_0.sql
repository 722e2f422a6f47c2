-- Every statement of release 0.1.0, as PostgreSQL logged it, in an order in which a new database takes it. Replicas of
-- that release run them while this one has migrated the tables already.

PREPARE s1 AS SELECT "users"."id", "users"."email", "users"."grants", "users"."access_key", "users"."enabled", "users"."token_epoch", "users"."created_at", "users"."password_hash", "users"."sealed_secret", "users"."revoke_sessions", "users"."answered" FROM "users" ORDER BY "users"."id" LIMIT $1;
EXECUTE s1('1');

PREPARE s2 AS INSERT INTO "users" ("id", "created_at", "email", "password_hash", "sealed_secret", "grants", "access_key", "enabled", "token_epoch", "revoke_sessions", "answered") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);
EXECUTE s2('cf6461bf-e455-4798-99a0-aa78145a0b92', '2026-11-26 00:59:22.706+00', 'admin@example.com', 'hash', '\x00', '{admin}', 'user_1795654762_yyq1fig1bar6vqdb', 't', '0', 'f', 'f');

PREPARE s3 AS INSERT INTO shards ("grant", number, bytes, written) VALUES ($1, $2, $3, $4) ON CONFLICT ("grant", number) DO UPDATE SET bytes = excluded.bytes, written = excluded.written;
EXECUTE s3('author-cf6461bf-e455-4798-99a0-aa78145a0b92', '0', '0', 'f');

PREPARE s4 AS INSERT INTO outbox AS task (key, generation, done, attempts, not_before, waiting_since, lease_token, lease_until) VALUES ($1, 1, 0, 0, $2, $3, $4, $5) ON CONFLICT (key) DO UPDATE SET generation = task.generation + 1, waiting_since = CASE WHEN task.done < task.generation THEN task.waiting_since ELSE excluded.waiting_since END, verify_at = CASE WHEN task.lease_until > excluded.waiting_since THEN task.verify_at WHEN task.lease_token IS NOT NULL THEN $6 WHEN task.verify_at <= excluded.waiting_since THEN NULL ELSE task.verify_at END, lease_token = CASE WHEN task.lease_until > excluded.waiting_since THEN task.lease_token ELSE excluded.lease_token END, lease_until = CASE WHEN task.lease_until > excluded.waiting_since THEN task.lease_until ELSE excluded.lease_until END RETURNING generation, attempts, lease_token;
EXECUTE s4('shard:0:author-cf6461bf-e455-4798-99a0-aa78145a0b92', '2026-11-26 00:59:22.707+00', '2026-11-26 00:59:22.707+00', 'f53b38b4-326e-40f0-9f84-828a9967c652', '2026-11-26 00:59:52.707+00', '2026-11-26 00:59:52.707+00');

PREPARE s5 AS SELECT s.written, b.name, e.access FROM shards s LEFT JOIN (bucket_entries e JOIN buckets b ON b.id = e.bucket_id AND b.state IN ('active', 'deleting')) ON e."grant" = s."grant" AND e.shard = s.number WHERE s."grant" = $1 AND s.number = $2 ORDER BY b.name;
EXECUTE s5('author-cf6461bf-e455-4798-99a0-aa78145a0b92', '0');

PREPARE s6 AS SELECT pg_advisory_xact_lock(1398227810, hashtext($1));
EXECUTE s6('author-cf6461bf-e455-4798-99a0-aa78145a0b92');

PREPARE s7 AS SELECT number, bytes, written FROM shards WHERE "grant" = $1 ORDER BY number FOR NO KEY UPDATE;
EXECUTE s7('author-cf6461bf-e455-4798-99a0-aa78145a0b92');

PREPARE s8 AS UPDATE outbox SET done = $1, lease_token = NULL, lease_until = NULL, attempts = 0, last_error = NULL, not_before = waiting_since WHERE key = $2 AND lease_token = $3;
EXECUTE s8('1', 'shard:0:author-cf6461bf-e455-4798-99a0-aa78145a0b92', 'f53b38b4-326e-40f0-9f84-828a9967c652');

PREPARE s9 AS INSERT INTO outbox (key, generation, done, attempts, not_before, waiting_since) VALUES ($1, 1, 0, 0, $2, $3) ON CONFLICT (key) DO UPDATE SET generation = outbox.generation + 1, waiting_since = CASE WHEN outbox.done < outbox.generation THEN outbox.waiting_since ELSE excluded.waiting_since END RETURNING generation;
EXECUTE s9('principal:cf6461bf-e455-4798-99a0-aa78145a0b92', '2026-11-26 00:59:22.737+00', '2026-11-26 00:59:22.737+00');

PREPARE s10 AS SELECT generation, done FROM outbox WHERE key = $1;
EXECUTE s10('principal:cf6461bf-e455-4798-99a0-aa78145a0b92');

PREPARE s11 AS UPDATE outbox SET verify_at = CASE WHEN lease_token IS NOT NULL THEN $1 WHEN verify_at <= $2 THEN NULL ELSE verify_at END, lease_token = $3, lease_until = $4 WHERE key = $5 AND (lease_token IS NULL OR lease_until <= $6) AND done < $7 RETURNING generation, attempts;
EXECUTE s11('2026-11-26 00:59:52.738+00', '2026-11-26 00:59:22.738+00', '22cde524-0e71-4cda-8ffa-8678d140b1a0', '2026-11-26 00:59:52.738+00', 'principal:cf6461bf-e455-4798-99a0-aa78145a0b92', '2026-11-26 00:59:22.738+00', '1');

PREPARE s12 AS SELECT "users"."id", "users"."email", "users"."grants", "users"."access_key", "users"."enabled", "users"."token_epoch", "users"."created_at", "users"."password_hash", "users"."sealed_secret", "users"."revoke_sessions", "users"."answered" FROM "users" WHERE ("users"."id" = $1) FOR NO KEY UPDATE;
EXECUTE s12('cf6461bf-e455-4798-99a0-aa78145a0b92');

PREPARE s13 AS UPDATE "users" SET "email" = $1, "password_hash" = $2, "sealed_secret" = $3, "grants" = $4, "access_key" = $5, "enabled" = $6, "token_epoch" = $7, "revoke_sessions" = $8, "answered" = $9 WHERE ("users"."id" = $10);
EXECUTE s13('admin@example.com', 'hash', '\x00', '{admin}', 'user_1795654762_yyq1fig1bar6vqdb', 't', '0', 'f', 't', 'cf6461bf-e455-4798-99a0-aa78145a0b92');

PREPARE s14 AS SELECT key, generation, done, attempts, last_error FROM outbox WHERE (done < generation OR lease_token IS NOT NULL OR verify_at IS NOT NULL) AND (done < generation OR lease_until <= $1 OR verify_at <= $2) AND (lease_token IS NULL OR lease_until <= $3) AND not_before <= $4 ORDER BY waiting_since, key LIMIT $5;
EXECUTE s14('2026-11-26 00:59:22.804+00', '2026-11-26 00:59:22.804+00', '2026-11-26 00:59:22.804+00', '2026-11-26 00:59:22.804+00', '100');

PREPARE s15 AS SELECT "users"."id", "users"."email", "users"."grants", "users"."access_key", "users"."enabled", "users"."token_epoch", "users"."created_at", "users"."password_hash", "users"."sealed_secret", "users"."revoke_sessions", "users"."answered" FROM "users" WHERE ("users"."email" = $1);
EXECUTE s15('a@example.com');

PREPARE s16 AS SELECT "users"."id", "users"."email", "users"."grants", "users"."access_key", "users"."enabled", "users"."token_epoch", "users"."created_at" FROM "users" WHERE ("users"."id" = $1);
EXECUTE s16('cf6461bf-e455-4798-99a0-aa78145a0b92');

PREPARE s17 AS SELECT "users"."id", "users"."email", "users"."grants", "users"."access_key", "users"."enabled", "users"."token_epoch", "users"."created_at", "users"."password_hash", "users"."sealed_secret", "users"."revoke_sessions", "users"."answered" FROM "users" WHERE ("users"."id" = $1);
EXECUTE s17('cf6461bf-e455-4798-99a0-aa78145a0b92');

PREPARE s18 AS SELECT "users"."id", "users"."email", "users"."grants", "users"."access_key", "users"."enabled", "users"."token_epoch", "users"."created_at", "users"."password_hash", "users"."sealed_secret", "users"."revoke_sessions", "users"."answered" FROM "users" WHERE ("users"."id" = $1) FOR SHARE;
EXECUTE s18('cf6461bf-e455-4798-99a0-aa78145a0b92');

PREPARE s19 (uuid, text, uuid, text, boolean, boolean, timestamptz, text[], text[], integer[]) AS WITH made AS (INSERT INTO buckets (id, name, owner_id, state, seen_absent, answered, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id) INSERT INTO bucket_entries (bucket_id, "grant", access, shard) SELECT made.id, entry."grant", entry.access, entry.shard FROM made, unnest($8, $9, $10) AS entry ("grant", access, shard);
EXECUTE s19('01a2155d-5530-754a-ad01-8accab897bb8', 'first-bucket', 'cf6461bf-e455-4798-99a0-aa78145a0b92', 'creating', 't', 'f', '2026-11-26 00:59:27.92+00', '{admin,author-cf6461bf-e455-4798-99a0-aa78145a0b92}', '{manage,manage}', '{NULL,0}');

PREPARE s20 AS UPDATE buckets SET state = $1 WHERE id = $2 AND state = $3;
EXECUTE s20('active', '01a2155d-5530-754a-ad01-8accab897bb8', 'creating');

PREPARE s21 AS WITH relaxed AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)) UPDATE outbox SET done = $1, lease_token = NULL, lease_until = NULL, attempts = 0, last_error = NULL, not_before = waiting_since FROM relaxed WHERE key = $2 AND lease_token = $3;
EXECUTE s21('2', 'shard:0:author-cf6461bf-e455-4798-99a0-aa78145a0b92', '0442335f-2a6c-44e9-bd01-6b7a7de42c3a');

PREPARE s22 AS UPDATE buckets SET answered = true WHERE id = $1;
EXECUTE s22('01a2155d-5530-754a-ad01-8accab897bb8');

PREPARE s23 AS SELECT u.id, u.email, u.grants, u.access_key, u.enabled, u.token_epoch, u.created_at, p.ids, p.names, p.states, p.seen_absent, p.answered, p.created_at FROM users u CROSS JOIN LATERAL (SELECT coalesce(array_agg(id), '{}') AS ids, coalesce(array_agg(name), '{}') AS names, coalesce(array_agg(state), '{}') AS states, coalesce(array_agg(seen_absent), '{}') AS seen_absent, coalesce(array_agg(answered), '{}') AS answered, coalesce(array_agg(created_at), '{}') AS created_at FROM (SELECT * FROM buckets WHERE owner_id = u.id AND state IN ('active', 'deleting') AND name > $1 ORDER BY name LIMIT $2) page) p WHERE u.id = $3;
EXECUTE s23('', NULL, 'cf6461bf-e455-4798-99a0-aa78145a0b92');

PREPARE s24 AS SELECT u.id, u.email, u.grants, u.access_key, u.enabled, u.token_epoch, u.created_at, b.id, b.name, b.owner_id, b.state, b.seen_absent, b.answered, b.created_at, o.access_key, e.grants, e.accesses, e.shards FROM users u LEFT JOIN (buckets b JOIN users o ON o.id = b.owner_id CROSS JOIN LATERAL (SELECT coalesce(array_agg("grant"), '{}') AS grants, coalesce(array_agg(access), '{}') AS accesses, coalesce(array_agg(shard), '{}') AS shards FROM (SELECT "grant", access, shard FROM bucket_entries WHERE bucket_id = b.id ORDER BY "grant") ordered) e) ON b.name = $1 WHERE u.id = $2;
EXECUTE s24('first-bucket', 'cf6461bf-e455-4798-99a0-aa78145a0b92');

PREPARE s25 AS SELECT id FROM buckets WHERE name = $1 FOR NO KEY UPDATE;
EXECUTE s25('second-bucket');

PREPARE s26 AS SELECT b.id, b.name, b.owner_id, b.state, b.seen_absent, b.answered, b.created_at, o.access_key, e.grants, e.accesses, e.shards FROM buckets b JOIN users o ON o.id = b.owner_id CROSS JOIN LATERAL (SELECT coalesce(array_agg("grant"), '{}') AS grants, coalesce(array_agg(access), '{}') AS accesses, coalesce(array_agg(shard), '{}') AS shards FROM (SELECT "grant", access, shard FROM bucket_entries WHERE bucket_id = b.id ORDER BY "grant") ordered) e WHERE b.name = $1;
EXECUTE s26('second-bucket');

PREPARE s27 AS UPDATE buckets SET state = $1, seen_absent = $2, answered = $3 WHERE id = $4;
EXECUTE s27('deleting', 't', 't', '01a2155d-555e-73e7-81eb-ba1b1f5d3c1f');

PREPARE s28 AS DELETE FROM buckets WHERE id = $1;
EXECUTE s28('01a2155d-555e-73e7-81eb-ba1b1f5d3c1f');

PREPARE s29 AS UPDATE shards SET bytes = GREATEST(bytes - $1, 0) WHERE "grant" = $2 AND number = $3;
EXECUTE s29('60', 'author-cf6461bf-e455-4798-99a0-aa78145a0b92', '0');

PREPARE s30 AS DELETE FROM outbox WHERE key = $1;
EXECUTE s30('bucket:01a2155d-555e-73e7-81eb-ba1b1f5d3c1f');

PREPARE s31 AS SELECT count(*), min(waiting_since) FROM (SELECT waiting_since FROM outbox WHERE done < generation ORDER BY waiting_since, key LIMIT $1) pending;
EXECUTE s31('10000');

PREPARE s32 AS SELECT "users"."id", "users"."email", "users"."grants", "users"."access_key", "users"."enabled", "users"."token_epoch", "users"."created_at", "users"."password_hash", "users"."sealed_secret", "users"."revoke_sessions", "users"."answered" FROM "users" WHERE ("users"."email" = $1) FOR NO KEY UPDATE;
EXECUTE s32('a@example.com');

PREPARE s33 AS SELECT key, generation, done, attempts, last_error FROM outbox WHERE done < generation ORDER BY waiting_since, key LIMIT $1;
EXECUTE s33('65535');

PREPARE s34 AS SELECT b.id, b.name, b.owner_id, b.state, b.seen_absent, b.answered, b.created_at, o.access_key, e.grants, e.accesses, e.shards FROM (SELECT * FROM buckets WHERE name > $1 ORDER BY name LIMIT $2) b JOIN users o ON o.id = b.owner_id CROSS JOIN LATERAL (SELECT coalesce(array_agg("grant"), '{}') AS grants, coalesce(array_agg(access), '{}') AS accesses, coalesce(array_agg(shard), '{}') AS shards FROM (SELECT "grant", access, shard FROM bucket_entries WHERE bucket_id = b.id ORDER BY "grant") ordered) e ORDER BY b.name;
EXECUTE s34('', '500');

PREPARE s35 AS SELECT "users"."id", "users"."email", "users"."grants", "users"."access_key", "users"."enabled", "users"."token_epoch", "users"."created_at", "users"."password_hash", "users"."sealed_secret", "users"."revoke_sessions", "users"."answered" FROM "users" WHERE ("users"."id" > $1) ORDER BY "users"."id" LIMIT $2;
EXECUTE s35('cf6461bf-e455-4798-99a0-aa78145a0b92', '1000');

PREPARE s36 AS UPDATE outbox SET lease_token = NULL, lease_until = NULL, attempts = attempts + 1, last_error = $1, not_before = $2, verify_at = CASE WHEN done < generation THEN verify_at ELSE LEAST(verify_at, $3) END WHERE key = $4 AND lease_token = $5;
EXECUTE s36('the store is not available', '2026-11-26 00:59:22.706+00', '2026-11-26 00:59:52.706+00', 'principal:cf6461bf-e455-4798-99a0-aa78145a0b92', 'cf6461bf-e455-4798-99a0-aa78145a0b92');

PREPARE s37 AS UPDATE outbox SET verify_at = CASE WHEN lease_token IS NOT NULL THEN $1 WHEN verify_at <= $2 THEN NULL ELSE verify_at END, lease_token = $3, lease_until = $4 WHERE key = $5 AND (lease_token IS NULL OR lease_until <= $6) RETURNING generation, attempts;
EXECUTE s37('2026-11-26 00:59:22.706+00', '2026-11-26 00:59:22.706+00', 'cf6461bf-e455-4798-99a0-aa78145a0b92', '2026-11-26 00:59:52.706+00', 'principal:cf6461bf-e455-4798-99a0-aa78145a0b92', '2026-11-26 00:59:22.706+00');

PREPARE s38 AS SELECT name FROM buckets b WHERE state IN ('active', 'deleting') AND EXISTS (SELECT FROM bucket_entries WHERE bucket_id = b.id AND "grant" = ANY($1)) ORDER BY name;
EXECUTE s38('{admin}');
