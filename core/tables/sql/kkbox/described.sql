-- Of the lines just read, those that name something for the first time; the others become rejects. The table was filled in
-- the order of the file, so its row ids are the places of the lines.

INSERT INTO rejects
SELECT
    getvariable('file'), line_number(rowid), CASE WHEN id IS NOT NULL THEN getvariable('id_column') END,
    reason(text, id), clean(text)
FROM stage.described
WHERE text IS NOT NULL;

-- Ids that differ seldom share a hash, and hashes are sooner grouped than ids.
CREATE TABLE stage.described_again AS
SELECT id, min(rowid) AS place
FROM stage.described
WHERE hash(id) IN (SELECT hash(id) FROM stage.described GROUP BY hash(id) HAVING count(*) > 1)
GROUP BY id
HAVING count(*) > 1;

INSERT INTO rejects
SELECT getvariable('file'), line_number(d.rowid), getvariable('id_column'), 'the id stands on an earlier line', d.id
FROM stage.described AS d JOIN stage.described_again AS a ON a.id = d.id AND d.rowid > a.place
WHERE d.text IS NULL;

CREATE VIEW stage.described_once AS
SELECT d.*, line_number(d.rowid) AS row
FROM stage.described AS d LEFT JOIN stage.described_again AS a ON a.id = d.id
WHERE d.id IS NOT NULL AND d.text IS NULL AND (a.place IS NULL OR a.place = d.rowid);

-- The rows that the file held
SELECT count(*) FROM stage.described WHERE id IS NOT NULL OR text IS NOT NULL;
