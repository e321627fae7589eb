"""The user's own app in the server child: imported, served like any other, its failures told in a sentence each."""
