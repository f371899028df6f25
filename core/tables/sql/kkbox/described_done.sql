-- The rows that the file held, and away with what they went through.

CREATE OR REPLACE TABLE stage.read AS
SELECT count(*) AS rows FROM stage.described WHERE id IS NOT NULL OR text IS NOT NULL;

DROP VIEW stage.described_once;

DROP TABLE stage.described_again;

DROP TABLE stage.described;

SELECT rows FROM stage.read;
