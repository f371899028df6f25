"""The Runs place: runs in full, marks, evaluations, and trainings that are started, watched and stopped."""

from __future__ import annotations

from runs_place import began, rested, runs_place, shown, told
from runs_stand_in import RunsStandIn, Trainings, card_of, epoch_of, step_of
from textual.widgets import Button
from waiting import text_of, until

from musicrec.core.jobs import Failed, Finished
from musicrec.tui.dialogs.help import HelpText
from musicrec.tui.runs.card import RunCardPanel
from musicrec.tui.runs.differences import RunDifferences
from musicrec.tui.runs.learning_curve import LearningCurve
from musicrec.tui.runs.metrics import RunMetrics
from musicrec.tui.runs.screen import RunsScreen
from musicrec.tui.runs.table import RunTable
from musicrec.tui.runs.train_dialog import TrainDialog


async def test_the_panels_follow_the_cursor():
    async with runs_place() as pilot:
        table = shown(pilot, RunTable)
        assert "▸ dtnmr-夜-2" in table
        assert "2024-05-17 20:30" in table
        assert "it was trained on another dataset [x]" in table
        card = shown(pilot, RunCardPanel)
        assert all(words in card for words in ("sample [x] f3a9f3a9", "330.4 s on cpu", "batch_size"))
        assert "best 6" in shown(pilot, LearningCurve)
        figures = shown(pilot, RunMetrics)
        assert "test split, all 1,400 songs" in figures
        assert "0.1899 ±0.0138" in figures
        await pilot.press("j")
        await rested(pilot)
        assert "best 14" in shown(pilot, LearningCurve)
        assert "Press E to evaluate" in shown(pilot, RunMetrics)
        assert "to dtnmr-夜-2" in shown(pilot, RunDifferences)  # the run that is loaded
        await pilot.press("j")
        await rested(pilot)
        assert "One pass: loss 2.0000, validation NDCG@10" in shown(pilot, LearningCurve)
        assert "do not differ" in shown(pilot, RunDifferences)
        await pilot.press("j")
        await rested(pilot)
        assert "itemknn has no passes" in shown(pilot, LearningCurve)


async def test_runs_are_loaded_marked_sorted_and_compared():
    async with runs_place() as pilot:
        app, table = pilot.app, pilot.app.screen.query_one(RunTable)
        await pilot.press("j", "enter")
        await until(pilot, lambda: app.view.run == "ncf-sample-1")
        assert "▸   ncf-sample-1" in text_of(table)
        await pilot.press("G", "l")
        await pilot.pause(0.1)
        assert app.view.run == "ncf-sample-1"  # the last one cannot be used
        await pilot.press("g", "space", "j", "j")
        await rested(pilot)
        assert "* dtnmr-夜-2" in text_of(table)
        await pilot.press("j")
        await rested(pilot)
        differences = shown(pilot, RunDifferences)
        assert "itemknn-1" in differences
        assert "5 to dtnmr-夜-2" in differences
        assert all(words in differences for words in ("learning_", "genre,", "夜色", "–"))
        await pilot.press("o")
        assert "by NDCG@10" in text_of(table)
        assert table.current == "itemknn-1"  # the cursor stays on its run
        await pilot.press("O")
        await pilot.press("g")
        assert table.current != "dtnmr-夜-2"
        await pilot.click(table, offset=(8, 1))
        assert "by name" in text_of(table)
        await pilot.press("c")
        await until(pilot, lambda: app.current_mode == "compare")
        assert app.view.run == "ncf-sample-1"
        await until(pilot, lambda: app.view.other == "dtnmr-夜-2")
        app.go_to_place("runs")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen))
        await pilot.press("escape")
        await rested(pilot)
        assert "*" not in text_of(table)


async def test_an_evaluation_shows_its_progress_and_is_stored():
    explorer = RunsStandIn()
    async with runs_place(explorer) as pilot:
        await pilot.press("j", "E")
        await until(pilot, lambda: "300 of 900 listeners" in shown(pilot, RunMetrics))
        await pilot.press("E")
        await until(pilot, lambda: "is being evaluated" in told(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "Press E" in shown(pilot, RunMetrics))
        assert "cancelled" in told(pilot)
        await pilot.press("E")
        await until(pilot, lambda: "300 of 900 listeners" in shown(pilot, RunMetrics))
        explorer.gate.set()
        await until(pilot, lambda: "0.1699 ±0.0138" in shown(pilot, RunMetrics))


async def test_a_training_is_started_watched_and_kept():
    explorer, trainings = RunsStandIn(), Trainings()
    async with runs_place(explorer, trainings) as pilot:
        app = pilot.app
        await pilot.press("n")
        assert isinstance(app.screen, TrainDialog)
        await pilot.press("right", "tab", "tab", *"mine", "tab", *"lr=x", "enter")
        assert isinstance(app.screen, TrainDialog)
        assert app.screen.query_one("#train-start", Button).disabled
        await pilot.press("backspace", *"0.5", "enter")
        await until(pilot, lambda: began(pilot, trainings, 1))
        (job,) = trainings.jobs
        assert (job.order.model, job.order.preset, job.order.name) == ("ncf", "quick", "mine")
        assert job.order.parameters == {"lr": "0.5"}
        assert "starting" in shown(pilot, RunTable)
        job.send(step_of(1))
        await until(pilot, lambda: "pass 1 of 8" in shown(pilot, LearningCurve))
        await pilot.press("n")
        await until(pilot, lambda: "One training at a time" in told(pilot))
        app.go_to_place("explore")
        job.send(epoch_of(1, 3), step_of(2), epoch_of(2, 3), step_of(3))
        await pilot.pause(0.1)
        app.go_to_place("runs")
        await until(pilot, lambda: "2 of 8 passes" in shown(pilot, LearningCurve))
        assert "NDCG@10 0." in shown(pilot, RunTable)
        assert "51,000 samples/s" in shown(pilot, LearningCurve)
        assert "0.5" in shown(pilot, RunCardPanel)
        explorer.added.append(card_of("mine"))
        job.send(Finished(card_of("mine")))
        table = app.screen.query_one(RunTable)
        await until(pilot, lambda: table.current == "mine")
        assert "Run mine is trained: NDCG@10 0.2000 in pass 2." in told(pilot)
        assert not table.on_training


async def test_a_training_is_stopped_and_its_best_pass_kept():
    trainings = Trainings()
    async with runs_place(trainings=trainings) as pilot:
        await pilot.press("n", "enter")
        await until(pilot, lambda: began(pilot, trainings, 1))
        trainings.jobs[0].send(step_of(1), epoch_of(1, 1))
        await pilot.press("X")
        await until(pilot, lambda: "Run stopped-1 was stopped, its best pass is kept" in told(pilot))
        assert trainings.jobs[0].cancelled == 1
        assert "pass" not in shown(pilot, RunTable).replace("best/passes", "")


async def test_a_failed_training_says_why_and_can_be_tried_again():
    trainings = Trainings()
    async with runs_place(trainings=trainings) as pilot:
        await pilot.press("n", "enter")
        await until(pilot, lambda: began(pilot, trainings, 1))
        trainings.jobs[0].send(Failed("training diverged [/x]: use a smaller --lr"))
        await until(pilot, lambda: "diverged [/x]" in shown(pilot, LearningCurve))
        assert "Press n to try again" in shown(pilot, LearningCurve)
        await pilot.press("n", "enter")
        await until(pilot, lambda: began(pilot, trainings, 2))
        assert "starting" in shown(pilot, RunTable)
        trainings.jobs[1].send(Failed("again"))
        await until(pilot, lambda: "failed: again" in shown(pilot, RunTable))
        await pilot.press("X")
        await until(pilot, lambda: "failed" not in shown(pilot, RunTable))


async def test_leaving_the_app_stops_the_training():
    trainings = Trainings()
    async with runs_place(trainings=trainings) as pilot:
        await pilot.press("n", "enter")
        await until(pilot, lambda: began(pilot, trainings, 1))
    assert trainings.jobs[0].cancelled == 1


async def test_without_runs_and_with_failures_the_way_on_is_told():
    async with runs_place(RunsStandIn(has_runs=False)) as pilot:
        assert "Press n to train one" in shown(pilot, RunTable)
        await pilot.press("E", "c", "space", "enter")
        await pilot.press("question_mark")
        assert "Every run with the NDCG@10" in text_of(pilot.app.screen.query_one(HelpText))
    async with runs_place(RunsStandIn(failing=frozenset({"run_page", "differences"}))) as pilot:
        await pilot.press("j")
        await rested(pilot)
        for panel in (LearningCurve, RunMetrics):
            assert "run_page failed: the file [data/x.duckdb] went away" in shown(pilot, panel)
            assert "Press f5" in shown(pilot, panel)
        assert "differences failed" in shown(pilot, RunDifferences)
    async with runs_place(RunsStandIn(failing=frozenset({"evaluate"}))) as pilot:
        await pilot.press("E")
        await until(pilot, lambda: "evaluate failed" in shown(pilot, RunMetrics))


async def test_every_key_has_an_id_and_a_tooltip():
    async with runs_place() as pilot:
        bindings = [binding for _, binding, _, _ in pilot.app.screen.active_bindings.values()]
        own = [binding for binding in bindings if "runs." in (binding.id or "")]
        assert {"runs.load", "runs.mark", "runs.compare", "runs.evaluate", "runs.train"} <= {each.id for each in own}
        assert all(binding.tooltip for binding in own)
