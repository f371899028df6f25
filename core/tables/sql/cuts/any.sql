SELECT count(*) FROM stage.cuts;
