/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "probes/common/probe.h"

static bool is_loopback(const struct sockaddr *sa)
{
    if (sa->sa_family == AF_INET) {
        return (ntohl(((const struct sockaddr_in *)(const void *)sa)->sin_addr.s_addr) >> 24) ==
               127;
    }
    return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr);
}

size_t hg_resolve(const char *host, struct hg_address *ret, size_t max,
                  struct hg_outcome *outcome)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
    struct addrinfo *list = NULL;
    size_t n = 0;
    int rc = getaddrinfo(host, NULL, &hints, &list);

    if (rc != 0) {
        outcome->stage = "dns";
        outcome->outcome = rc == EAI_NONAME   ? "name-not-found"
                           : rc == EAI_AGAIN  ? "timeout"
                           : rc == EAI_MEMORY ? "local"
                                              : "name-not-found";
        snprintf(outcome->code, sizeof(outcome->code), "%s",
                 rc == EAI_AGAIN ? "EAI_AGAIN" : "EAI_NONAME");
        snprintf(outcome->message, sizeof(outcome->message), "%s: %s", host, gai_strerror(rc));
        return 0;
    }
    for (const struct addrinfo *ai = list; ai != NULL && n < max; ai = ai->ai_next) {
        if (ai->ai_family != AF_INET && ai->ai_family != AF_INET6) {
            continue;
        }
        if (getnameinfo(ai->ai_addr, ai->ai_addrlen, ret[n].text, sizeof(ret[n].text), NULL, 0,
                        NI_NUMERICHOST) == 0) {
            ret[n++].loopback = is_loopback(ai->ai_addr);
        }
    }
    freeaddrinfo(list);
    return n;
}
