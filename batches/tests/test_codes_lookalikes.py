"""Look-alikes: what a mistyped number may have been."""

from batches.codes.lookalikes import alike, foreign_letters, latin, near, swaps


def test_full_width_and_foreign_letters_become_plain_ones():
    assert latin("ＡＢ－１２") == "AB-12"
    assert latin("АВЕКМНОРСТУХ") == "ABEKMHOPCTYX"
    assert latin("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ") == "ABEZHIKMNOPTYX"
    assert latin("Ж-Ω") == "Ж-Ω"


def test_foreign_letters_are_named_once_each():
    assert foreign_letters("А12А-О") == ["А", "О"]
    assert foreign_letters("A12A-O") == []


def test_each_pair_that_looks_alike_is_proposed_in_both_directions():
    for one, other in ["0O", "1I", "1L", "8B", "5S", "2Z"]:
        assert f"X{other}9" in near(f"X{one}9")
        assert f"X{one}9" in near(f"X{other}9")
    assert "X1Y" in near("xlY")


def test_neighbours_are_swapped_and_the_code_itself_is_not_proposed():
    assert swaps("1123") == ["1213", "1132"]
    assert "L2613" in near("L2631")
    assert "L2631" not in near("L2631")


def test_a_disguised_code_is_proposed_in_plain_letters():
    assert near("А12")[0] == "A12"


def test_any_number_of_look_alikes_is_found_and_nothing_else():
    found = alike("LO8.1")
    assert {"I0B.L", "108.I", "LO8.1"} <= set(found)
    assert all(len(code) == 5 and code[3] == "." for code in found)
    assert "LO8.7" not in found


def test_a_number_typed_on_a_foreign_keyboard_is_found():
    assert "LАВ20" in alike("LAB20")
    assert "LΑΒ20" in alike("LAB20")
    assert "АВ123" in alike("AB123")  # Digits stay digits.


def test_a_long_code_does_not_grow_without_end():
    assert len(alike("01258" * 12)) <= 1002
    assert alike("01258" * 12)[0] == "01258" * 12
