"""Every model passes the contract."""

from __future__ import annotations

from gradient_contract import GradientContract
from model_contract import ModelContract

from musicrec.core.models.configs import CONFIGS, MODELS, GradientConfig

ANY: dict[str, object] = {}
SMALL = {"epochs": 2, "batch_size": 256}
SMALL_DTNMR = SMALL | {"optimizer": "adam", "lr": 0.01, "lstm_hidden": 16, "feature_hidden": (32, 16)}
BOARD = {"patience": 1000, "batch_size": 64, "lr": 0.02, "epochs": 30}
BOARD_DTNMR = SMALL_DTNMR | {"patience": 1000, "batch_size": 16, "lstm_layers": 1, "epochs": 20}


class TestPopularity(ModelContract):
    model = "popularity"
    settings = ANY
    board_settings = ANY
    personal = False
    learns_from_chance = False


class TestRecentPopularity(ModelContract):
    model = "recent"
    settings = ANY
    board_settings = ANY
    personal = False
    learns_from_chance = False


class TestItemKNN(ModelContract):
    model = "itemknn"
    settings = ANY
    board_settings = ANY | {"shrink": 0.0}
    learns_from_chance = False


class TestEASE(ModelContract):
    model = "ease"
    settings = ANY
    board_settings = ANY | {"l2": 1.0}
    learns_from_chance = False


class TestALS(ModelContract):
    model = "als"
    settings = ANY | {"factors": 8, "iterations": 4}
    board_settings = ANY | {"factors": 4, "l2": 0.1}


class TestBPR(ModelContract):
    model = "bpr"
    settings = ANY | {"factors": 8, "iterations": 20}
    board_settings = ANY | {"factors": 4, "lr": 0.1}


class TestGMF(GradientContract):
    model = "gmf"
    settings = SMALL
    board_settings = BOARD | {"epochs": 80, "lr": 0.03, "factors": 16}


class TestMLP(GradientContract):
    model = "mlp"
    settings = SMALL
    board_settings = BOARD


class TestNeuMF(GradientContract):
    model = "ncf"
    settings = SMALL
    board_settings = BOARD | {"lr": 0.03}


class TestNeuMFWithBiases(GradientContract):
    model = "ncf"
    settings = SMALL | {"bias": True}
    board_settings = BOARD | {"bias": True}


class TestNeuMFWithDropout(GradientContract):
    model = "ncf"
    settings = SMALL | {"dropout": 0.2}
    board_settings = BOARD | {"dropout": 0.05, "epochs": 40}


class TestNeuMFWithUniformNegatives(GradientContract):
    model = "ncf"
    settings = SMALL | {"negative_sampling": "uniform"}
    board_settings = BOARD | {"negative_sampling": "uniform"}


class TestMF(GradientContract):
    model = "mf"
    settings = SMALL
    board_settings = BOARD | {"epochs": 40, "lr": 0.05, "negatives": 8}


class TestDTNMRWithSongIds(GradientContract):
    model = "dtnmr"
    settings = SMALL_DTNMR | {"song_ids": True}
    reads_order = reads_facts = True
    board_settings = BOARD_DTNMR | {"song_ids": True}


class TestDTNMROfMetadataAlone(GradientContract):
    model = "dtnmr"
    settings = SMALL_DTNMR | {"song_ids": False}
    reads_order = reads_facts = True
    board_settings = BOARD_DTNMR | {"epochs": 8, "song_ids": False}
    board = "described_board"  # without metadata all songs are the same to it


class TestSASRec(GradientContract):
    model = "sasrec"
    settings = SMALL | {"batch_size": 32, "embedding_size": 16, "max_len": 12}
    board_settings = BOARD | {"batch_size": 4, "embedding_size": 16, "lr": 0.01, "epochs": 40}
    reads_order = True


def test_every_model_is_under_the_contract_that_fits_it() -> None:
    contracts = {each.model: each for name, each in globals().items() if name.startswith("Test")}
    for model in MODELS:
        contract = contracts["ncf" if model == "neumf" else model]  # two names of one model
        assert issubclass(contract, GradientContract) is issubclass(CONFIGS[model], GradientConfig)
