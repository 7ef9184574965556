"""mailgate: enterprise support by e-mail, with promises that have clocks. Start at docs/tour.md."""
