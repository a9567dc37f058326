/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * dial.h - what a client library dials, whatever name it looks up.
 *
 * A library holds the certificate against the name that it was given, and looks that name up
 * itself through the C library. dial.c defines getaddrinfo() in front of the C library's, so
 * that the address found at the stage `dns` is dialled: through a tunnel the two differ. It
 * also keeps a library from its own loop over dead addresses, and from a second question to a
 * slow resolver.
 *
 * Only probes that list ../common/dial.c among their sources have it. The library carries no
 * pointer of ours to its look-up, so the address is the one piece of state of the program here.
 */

/* Every name means this numeric address from now on; NULL: ask the resolver again. */
void hg_dial_only(const char *address);
