"""Your turn: in a lesson the learner writes, repairs or arranges something, and the simulator tries it on the spot."""
