-- The lines stay where they are: what is usable of them is a view.

SET VARIABLE all_smooth = getvariable('all_smooth') AND getvariable('smooth');

DROP VIEW stage.described_once;

DROP TABLE stage.song_lines;

DROP TABLE stage.songs_again;

ALTER TABLE stage.described RENAME TO song_lines;

ALTER TABLE stage.described_again RENAME TO songs_again;
