from app.models import Good


def test_good():
    assert Good(left=3).left == 3
