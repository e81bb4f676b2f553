"""`python -m bot.cli`, the same as `lawspeaker`."""

from bot.cli import main

if __name__ == "__main__":
    main()
