"""Bad files: the cell or a notice says what is wrong, the raw upload is kept or refused whole, and life goes on."""

from __future__ import annotations

import gzip

from playwright.sync_api import expect

BAD_IN_THE_CELL = {
    "picture.csv": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "holds a PNG picture"),
    "ragged.csv": (b"a,b,c\n1,2,3\n4,5\n6,7,8\n", "has 2 values in line 3, where 3 columns were expected"),
    "wide.csv": ((",".join(f"c{n}" for n in range(5000)) + "\n" + "1," * 4999 + "1\n").encode(), "5,000 columns"),
}
READ = {
    "names.csv": (b"a,a,,b\n1,2,3,4\n", "1 row × 4"),
    "wide-letters.csv": ("city,größe\nKöln,3\nÅrhus,4\n".encode("utf-16"), "Århus"),
}


def test_a_bad_file_is_a_typed_error_and_a_good_one_is_read(meet, tmp_path):
    board = meet("owner").new_canvas()
    for place, (name, (body, words)) in enumerate({**BAD_IN_THE_CELL, **READ}.items()):
        file = tmp_path / name
        file.write_bytes(body)
        cell = board.drop_file(file, at=(120 + 150 * place, 120 + 60 * place))
        board.wait_state(cell, "error" if name in BAD_IN_THE_CELL else "done|cached")
        expect(board.card(cell)).to_contain_text(words)
        expect(board.card(cell)).not_to_contain_text("file.csv")


def test_an_upload_that_cannot_be_kept_is_refused_whole(meet, tmp_path):
    owner = meet("owner")
    board = owner.new_canvas()
    empty, swollen = tmp_path / "empty.csv", tmp_path / "swollen.csv.gz"
    empty.write_bytes(b"")
    swollen.write_bytes(gzip.compress(b"a,b\n" + b"0,0\n" * 2_000_000, 9))
    with owner.page.expect_response(lambda answer: "/uploads" in answer.url) as answered:
        board.throw_file(empty, (420, 260))
    assert answered.value.status == 400
    message = answered.value.json()["error"]["message"]
    assert "empty" in message
    expect(owner.page.get_by_label("Notices")).to_contain_text(message)
    board.throw_file(swollen, (420, 260))
    expect(owner.page.get_by_label("Notices")).to_contain_text("“swollen.csv.gz” is no table")
    expect(board.cards()).to_have_count(0)
    # The browser reports the refusal; it is the point of this story.
    owner.problems = [line for line in owner.problems if "status of 4" not in line]
