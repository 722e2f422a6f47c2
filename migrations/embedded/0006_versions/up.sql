-- Versions, tags, object lock and lifecycle rules, and counters per bucket.

-- 'Enabled' or 'Suspended'; NULL where versions were never kept.
ALTER TABLE buckets ADD COLUMN versioning TEXT;
-- The documents of S3, as this hub writes them. NULL without object lock.
ALTER TABLE buckets ADD COLUMN object_lock TEXT;
ALTER TABLE buckets ADD COLUMN tags TEXT;
ALTER TABLE buckets ADD COLUMN lifecycle TEXT;

-- The versions of a key are in the order of their ids: the latest has the greatest. A version that was replaced tells
-- since when, because lifecycle rules count from then.
ALTER TABLE objects ADD COLUMN noncurrent_since INTEGER;
-- As the query of a URL; NULL without tags.
ALTER TABLE objects ADD COLUMN tags TEXT;
ALTER TABLE objects ADD COLUMN retention_mode TEXT;
ALTER TABLE objects ADD COLUMN retain_until INTEGER;
-- NULL where it was never set.
ALTER TABLE objects ADD COLUMN legal_hold INTEGER;

-- Buckets without versioning have no rows in it, so it costs them nothing.
CREATE INDEX objects_noncurrent ON objects (bucket_id, key, id DESC) WHERE is_latest = 0;

-- What the completed object will have.
ALTER TABLE uploads ADD COLUMN tags TEXT;
ALTER TABLE uploads ADD COLUMN retention_mode TEXT;
ALTER TABLE uploads ADD COLUMN retain_until INTEGER;
ALTER TABLE uploads ADD COLUMN legal_hold INTEGER;

ALTER TABLE completed_uploads ADD COLUMN version TEXT;

-- What each bucket holds. Triggers keep it, in the transaction of each change and whatever statement makes the change.
CREATE TABLE bucket_usage (
    bucket_id INTEGER PRIMARY KEY REFERENCES buckets (id) ON DELETE CASCADE,
    -- Current objects. Delete markers are not objects.
    objects INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    -- All versions, the current ones too.
    versions INTEGER NOT NULL DEFAULT 0,
    version_bytes INTEGER NOT NULL DEFAULT 0,
    delete_markers INTEGER NOT NULL DEFAULT 0,
    -- Unfinished uploads, and the bytes of their parts.
    uploads INTEGER NOT NULL DEFAULT 0,
    part_bytes INTEGER NOT NULL DEFAULT 0
) STRICT;

INSERT INTO bucket_usage (bucket_id, objects, bytes, versions, version_bytes, delete_markers, uploads, part_bytes)
    SELECT b.id, coalesce(o.objects, 0), coalesce(o.bytes, 0), coalesce(o.versions, 0), coalesce(o.version_bytes, 0),
        coalesce(o.delete_markers, 0), coalesce(u.uploads, 0), coalesce(p.part_bytes, 0)
    FROM buckets AS b
    LEFT JOIN (
        SELECT bucket_id, sum(is_latest AND NOT is_delete_marker) AS objects,
            sum(iif(is_latest AND NOT is_delete_marker, size, 0)) AS bytes, sum(NOT is_delete_marker) AS versions,
            sum(iif(is_delete_marker, 0, size)) AS version_bytes, sum(is_delete_marker) AS delete_markers
        FROM objects GROUP BY bucket_id
    ) AS o ON o.bucket_id = b.id
    LEFT JOIN (SELECT bucket_id, count(*) AS uploads FROM uploads GROUP BY bucket_id) AS u ON u.bucket_id = b.id
    LEFT JOIN (
        SELECT uploads.bucket_id, sum(size) AS part_bytes
        FROM upload_parts JOIN uploads ON uploads.id = upload_parts.upload_id GROUP BY uploads.bucket_id
    ) AS p ON p.bucket_id = b.id;

CREATE TRIGGER bucket_created AFTER INSERT ON buckets BEGIN
    INSERT INTO bucket_usage (bucket_id) VALUES (NEW.id);
END;

CREATE TRIGGER object_inserted AFTER INSERT ON objects BEGIN
    UPDATE bucket_usage SET
        objects = objects + (NEW.is_latest AND NOT NEW.is_delete_marker),
        bytes = bytes + iif(NEW.is_latest AND NOT NEW.is_delete_marker, NEW.size, 0),
        versions = versions + NOT NEW.is_delete_marker,
        version_bytes = version_bytes + iif(NEW.is_delete_marker, 0, NEW.size),
        delete_markers = delete_markers + NEW.is_delete_marker
    WHERE bucket_id = NEW.bucket_id;
END;

CREATE TRIGGER object_deleted AFTER DELETE ON objects BEGIN
    UPDATE bucket_usage SET
        objects = objects - (OLD.is_latest AND NOT OLD.is_delete_marker),
        bytes = bytes - iif(OLD.is_latest AND NOT OLD.is_delete_marker, OLD.size, 0),
        versions = versions - NOT OLD.is_delete_marker,
        version_bytes = version_bytes - iif(OLD.is_delete_marker, 0, OLD.size),
        delete_markers = delete_markers - OLD.is_delete_marker
    WHERE bucket_id = OLD.bucket_id;
END;

CREATE TRIGGER object_moved AFTER UPDATE OF is_latest ON objects
WHEN OLD.is_latest <> NEW.is_latest AND NOT NEW.is_delete_marker BEGIN
    UPDATE bucket_usage SET
        objects = objects + NEW.is_latest - OLD.is_latest,
        bytes = bytes + (NEW.is_latest - OLD.is_latest) * NEW.size
    WHERE bucket_id = NEW.bucket_id;
END;

CREATE TRIGGER upload_begun AFTER INSERT ON uploads BEGIN
    UPDATE bucket_usage SET uploads = uploads + 1 WHERE bucket_id = NEW.bucket_id;
END;

-- Before, because the parts go with the upload, and those that go find no upload any more.
CREATE TRIGGER upload_ended BEFORE DELETE ON uploads BEGIN
    UPDATE bucket_usage SET
        uploads = uploads - 1,
        part_bytes = part_bytes - (SELECT coalesce(sum(size), 0) FROM upload_parts WHERE upload_id = OLD.id)
    WHERE bucket_id = OLD.bucket_id;
END;

CREATE TRIGGER part_inserted AFTER INSERT ON upload_parts BEGIN
    UPDATE bucket_usage SET part_bytes = part_bytes + NEW.size
    WHERE bucket_id = (SELECT bucket_id FROM uploads WHERE id = NEW.upload_id);
END;

CREATE TRIGGER part_deleted AFTER DELETE ON upload_parts BEGIN
    UPDATE bucket_usage SET part_bytes = part_bytes - OLD.size
    WHERE bucket_id = (SELECT bucket_id FROM uploads WHERE id = OLD.upload_id);
END;
