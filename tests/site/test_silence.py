"""A build that is well says nothing but its progress."""


def test_a_strict_build_is_silent_but_for_the_progress_of_the_press(said: list[str]):
    assert [line for line in said if not line.startswith("press ")] == []
