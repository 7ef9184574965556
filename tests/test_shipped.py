from mailgate import shipped


def test_the_files_of_a_clone_lie_beside_the_package() -> None:
    assert (shipped.folder("config") / "mailgate.toml").is_file()
    assert (shipped.folder("migrations") / "versions").is_dir()
    assert (shipped.folder("templates") / "_partials").is_dir()
