"""Images to study: the running example, a catalogue of real images, and what a team pushes in a year."""
