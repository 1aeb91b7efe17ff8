"""What happens when a collector runs beside a push: every order of their steps."""
