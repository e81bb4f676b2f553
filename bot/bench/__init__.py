"""How fast the judge is on this machine, beside plain ways to ask the same model: `lawspeaker bench`."""
