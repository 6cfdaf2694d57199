"""``python -m illcore`` is ``ill``."""

from illcore.cli import main

if __name__ == "__main__":
    main()
