"""Parameters from files of other programs: ``archives`` says what is in a file, ``naming`` whose it is. No pickles."""
