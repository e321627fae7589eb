"""Audience mode: phones in the room send requests of their own, vote, and follow the live figures. Off by default.

One process of its own, the gateway (`gateway/`), listens on one address of the local network, and only after the
speaker has agreed to it. The server stays on loopback. Without the token of the page's address every request is
answered with 404 and nothing else; with it there is one page, one button, one vote. The gateway keeps what it must know
in its memory, writes nothing down, logs no address, and ends with the explorer.

`audience.Audience` is the explorer's side of it, and knows nothing of Qt:

    audience = Audience(heard)                          # heard(event): `events`, on the loop that opened it
    opened = await audience.open(address)               # after the confirmation; one of `addresses.addresses()`
    audience.attach(reach(catalog, session))            # a run serves: phones may send (`reach.reach`)
    bridge.consumers.append(audience.feed)              # what the run records: where a phone's request spent its time
    audience.ask(Ballot("When is the last answer back?", ("1 s", "3 s")))    # of a lesson: `from_lesson.ballot_of`
    audience.lock()                                     # the run starts: votes stay as they are
    audience.detach()                                   # the run ends
    await audience.close()

To be read at any time: `opened` (address, token, URL; None while closed), `phones`, `votes`, `flying` (who has a
request under way, and since when), `trips` (the latest requests, with where their time went).

A phone's request is a request like any other: the gateway numbers it, writes it down, and the server believes the
number. Its lane on the timeline has the phone's number (`records.phones`).
"""
