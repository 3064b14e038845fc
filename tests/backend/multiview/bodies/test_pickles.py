"""Reading pickles of body models: plain data comes out, programs never run."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from backend.domain.errors import InvalidInput
from backend.multiview.bodies.pickles import Mahalanobis, array_of, read_pickle
from tests.smil_files import named, program, write_prior

ARRAYS = [
    np.arange(6.0).reshape(2, 3),
    np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    np.arange(5, dtype=np.uint32),
    np.arange(4, dtype=">i4"),
    np.array([True, False]),
    np.zeros((0, 3)),
    np.float32(2.5),
]


def written(tmp_path: Path, data: Any, protocol: int = 2) -> Path:
    path = tmp_path / "some.pkl"
    path.write_bytes(data if isinstance(data, bytes) else pickle.dumps(data, protocol))
    return path


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("value", ARRAYS, ids=str)
def test_arrays_come_back_as_they_were(tmp_path: Path, value: Any, protocol: int) -> None:
    found = read_pickle(written(tmp_path, {"a": value}, protocol))
    np.testing.assert_array_equal(array_of(found["a"], "some.pkl", "a"), value)


@pytest.mark.parametrize("kind", [sparse.csc_matrix, sparse.csr_matrix, sparse.coo_matrix])
def test_sparse_matrices_are_filled_in(tmp_path: Path, kind: Any) -> None:
    dense = np.random.default_rng(1).random((5, 7)) * (np.arange(7) % 2)
    found = read_pickle(written(tmp_path, kind(dense)))
    np.testing.assert_array_equal(array_of(found, "some.pkl", "m"), dense)


def test_arrays_written_by_python_2_are_read(tmp_path: Path) -> None:
    raw = np.arange(3.0).tobytes()
    data = program(
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n",
        b"K\x00\x85U\x01b\x87R",
        b"(K\x01K\x03\x85cnumpy\ndtype\nU\x02f8K\x00K\x01\x87R",
        b"(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb",
        b"\x89U" + bytes([len(raw)]) + raw + b"tb.",
    )
    found = array_of(read_pickle(written(tmp_path, data)), "some.pkl", "a")
    np.testing.assert_array_equal(found, [0.0, 1.0, 2.0])


def test_chumpy_arrays_and_selections_give_their_values(tmp_path: Path) -> None:
    values = np.arange(12.0).reshape(3, 4)
    with named("chumpy.ch", "Ch") as ch, named("chumpy.reordering", "Select") as reordering:
        whole, part = ch.Ch(), reordering.Select()
        whole.x = values
        part.a, part.idxs, part.preferred_shape = whole, np.array([0, 5, 10, 11]), (2, 2)
        path = written(tmp_path, {"whole": whole, "part": part})
    found = read_pickle(path)
    np.testing.assert_array_equal(array_of(found["whole"], "f", "whole"), values)
    np.testing.assert_array_equal(array_of(found["part"], "f", "part"), [[0, 5], [10, 11]])


def test_a_prior_is_read_whatever_script_defined_its_class(tmp_path: Path) -> None:
    path = write_prior(tmp_path / "prior.pkl", np.zeros(69), np.eye(69), module="some.script")
    found = read_pickle(path)
    assert isinstance(found, Mahalanobis)
    assert set(found.fields) == {"mean", "prec", "prefix"}


class Runs:
    """An object whose pickle calls something."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self._call = (function, arguments)

    def __reduce__(self) -> Any:
        return self._call


MARK = "touched-by-a-pickle"
PROGRAMS = {
    "os.system": lambda: pickle.dumps(Runs(os.system, f"touch {MARK}"), 2),
    "os.system, protocol 4": lambda: pickle.dumps(Runs(os.system, f"touch {MARK}"), 4),
    "eval": lambda: pickle.dumps(Runs(eval, f"open({MARK!r}, 'w')"), 2),
    "exec among arrays": lambda: pickle.dumps(
        {"v_template": np.zeros(3), "x": Runs(exec, f"open({MARK!r}, 'w')")}, 2
    ),
    "open": lambda: pickle.dumps(Runs(open, MARK, "w"), 2),
    "getattr": lambda: pickle.dumps(Runs(getattr, "text", "upper"), 2),
    "python 2's eval": lambda: program(b"c__builtin__\neval\n(S'1'\ntR."),
    "instance opcode": lambda: program(b"(S'touch x'\nios\nsystem\n."),
    "object opcode": lambda: program(b"(cos\nsystem\nS'touch x'\no."),
    "dotted name": lambda: program(b"\x80\x04\x8c\x05numpy\x8c\x10ndarray.__class__\x93."),
    "a module's module": lambda: program(b"\x80\x04\x8c\x0cnumpy.random\x8c\x04seed\x93."),
    "numpy.load": lambda: program(b"cnumpy\nload\n(S'/etc/passwd'\ntR."),
    "numpy's runstring": lambda: program(b"cnumpy.testing\nruntest\n."),
    "persistent id": lambda: program(b"Pid\n."),
    "binary persistent id": lambda: program(b"\x80\x02K\x01Q."),
    "extension registry": lambda: program(b"\x80\x02\x82\x01."),
    "outside buffer": lambda: program(b"\x80\x05\x97."),
    "state into a function": lambda: program(
        b"ccopy_reg\n_reconstructor\n(N}S'__defaults__'\n(I1\ntstb."
    ),
    "state into a class": lambda: program(b"cnumpy\nndarray\n}S'args'\nI1\nsb."),
    "an array that is a class": lambda: program(
        b"cnumpy.core.multiarray\n_reconstruct\n(c__builtin__\nset\ntR."
    ),
    "memory": lambda: program(b"\x80\x02Nr\xff\xff\xff\x7f."),
    "cut off": lambda: pickle.dumps({"a": np.zeros(100)}, 2)[:150],
    "empty": lambda: b"",
    "text": lambda: b"hello, this is no pickle at all\n" * 10,
    "no end": lambda: program(b"\x80\x02N"),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_and_damage_are_refused_by_name_and_do_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = written(tmp_path, PROGRAMS[name]())
    with pytest.raises(InvalidInput, match=r"some\.pkl was not read") as refused:
        read_pickle(path)
    assert refused.value.file == "some.pkl"
    assert not (tmp_path / MARK).exists()
    assert not (tmp_path / "x").exists()


def test_the_message_tells_what_a_pickle_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, PROGRAMS["os.system"]())
    with pytest.raises(InvalidInput, match=r"refers to posix\.system"):
        read_pickle(path, "smil_web.pkl")


@pytest.mark.parametrize(
    "value", ["text", {"x": 1}, [1, "a"], np.array(["a"]), np.array([{}], object)], ids=str
)
def test_entries_that_are_no_numbers_are_refused(tmp_path: Path, value: Any) -> None:
    found = read_pickle(written(tmp_path, [value]))[0]
    with pytest.raises(InvalidInput, match="“v_template” is not an array of numbers"):
        array_of(found, "some.pkl", "v_template")


def test_a_chumpy_object_that_contains_itself_is_refused(tmp_path: Path) -> None:
    with named("chumpy.ch", "Ch") as ch:
        knot = ch.Ch()
        knot.x = knot
        path = written(tmp_path, knot)
    with pytest.raises(InvalidInput, match="nested too deeply"):
        array_of(read_pickle(path), "some.pkl", "knot")


def test_a_sparse_matrix_of_absurd_size_is_refused(tmp_path: Path) -> None:
    matrix = sparse.csr_matrix(np.eye(2))
    matrix._shape = (10**6, 10**6)
    with pytest.raises(InvalidInput, match="too large"):
        array_of(read_pickle(written(tmp_path, matrix)), "some.pkl", "J_regressor")
