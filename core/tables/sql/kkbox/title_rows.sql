-- The lines stay where they are: what is usable of them is a view.

SET VARIABLE all_smooth = getvariable('all_smooth') AND getvariable('smooth');

DROP VIEW stage.described_once;

DROP TABLE stage.title_lines;

DROP TABLE stage.titles_again;

ALTER TABLE stage.described RENAME TO title_lines;

ALTER TABLE stage.described_again RENAME TO titles_again;
