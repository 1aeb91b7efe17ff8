"""Hand-outs: one source for each exercise notebook, and what is made of it for learners, teachers and graders."""
