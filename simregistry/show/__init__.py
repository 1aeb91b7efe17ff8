"""Pictures, panels and commands: results in, what a person sees out."""
