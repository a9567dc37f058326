/* SPDX-License-Identifier: Apache-2.0 */
/* test_privileges.c - what SHOW GRANTS lines and MongoDB's privileges add up to, one row each.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "rules/privileges.h"
#include "unit/unit.h"

/* One answer: up to three lines, and what they allow. */
struct row {
    const char *privilege, *object;
    enum hg_verdict verdict;
    const char *lines[3];
};

static json_t *grants_of(const char *const *lines, size_t n, bool complete)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n && lines[i] != NULL; i++) {
        json_t *line = json_string(lines[i]);

        assert_non_null(line);
        json_array_append_new(list, line);
    }
    return json_pack("{s:o, s:b}", "lines", list, "complete", complete);
}

static void assert_rows(const struct row *rows, size_t n, bool complete)
{
    for (size_t i = 0; i < n; i++) {
        json_t *grants = grants_of(rows[i].lines, 3, complete);
        enum hg_verdict verdict = hg_mysql_allows(grants, rows[i].privilege, rows[i].object);

        if (verdict != rows[i].verdict) {
            print_error("row %zu: %s on %s is %d, not %d: %s\n", i, rows[i].privilege,
                        rows[i].object, (int)verdict, (int)rows[i].verdict, rows[i].lines[0]);
        }
        assert_int_equal(verdict, rows[i].verdict);
        json_decref(grants);
    }
}

#define ROWS(rows) assert_rows(rows, HG_COUNT(rows), true)

static void names_are_quoted_in_any_way(void **state)
{
    static const struct row rows[] = {
        { "SELECT", "db.*",    HG_PASS,    { "GRANT SELECT ON `db`.* TO `u`@`%`" }             },
        { "SELECT", "db.*",    HG_PASS,    { "GRANT SELECT ON 'db'.* TO 'u'@'%'" }             },
        { "SELECT", "db.*",    HG_PASS,    { "GRANT SELECT ON \"db\".* TO \"u\"@\"%\"" }       },
        { "SELECT", "db.*",    HG_PASS,    { "GRANT SELECT ON db.* TO u@10.0.%" }              },
        { "SELECT", "d`b.*",   HG_PASS,    { "GRANT SELECT ON `d``b`.* TO `u`@`%`" }           },
        { "SELECT", "d`b.*",   HG_FAIL,    { "GRANT SELECT ON `db`.* TO `u`@`%`" }             },
        { "SELECT", "d.b.*",   HG_PASS,    { "GRANT SELECT ON `d.b`.* TO `u`@`%`" }            },
        { "SELECT", "db.t",    HG_PASS,    { "GRANT SELECT ON `db`.`t` TO `it''s`@`%`" }       },
        { "SELECT", "db.*",    HG_PASS,    { "GRANT SELECT ON `db`.* TO 'o''brien'@'%'" }      },
        { "SELECT", "db.*",    HG_PASS,    { "GRANT SELECT ON `db`.* TO `u TO v`@`%`" }        },
        { "select", "db.*",    HG_PASS,    { "grant select on `db`.* to `u`@`%`" }             },
        /* a dot too many: any of them may divide */
        { "SELECT", "d.b.t",   HG_UNKNOWN, { "GRANT SELECT ON `d.b`.* TO `u`@`%`" }            },
        { "SELECT", "d.b.t",   HG_PASS,    { "GRANT SELECT ON `d%`.* TO `u`@`%`" }             },
        { "SELECT", "d.b.t",   HG_FAIL,    { "GRANT SELECT ON `e`.* TO `u`@`%`" }              },
        { "SELECT", "SMALL.*", HG_PASS,    { "GRANT SELECT ON `SMALL`.* TO `u`@`%`" }          },
        { "INSERT", "SMALL.*", HG_FAIL,    { "GRANT SELECT ON `SMALL`.* TO `u`@`%`" }          },
        { "INSERT", "ALL.*",   HG_FAIL,    { "GRANT SELECT ON `ALL`.* TO `u`@`%`" }            },
        { "INSERT", "db.*",    HG_FAIL,    { "GRANT SELECT ON `ALL PRIVILEGES`.* TO `u`@`%`" } },
        { "SELECT", "db.*",    HG_FAIL,    { "GRANT `SELECT`@`%` TO `u`@`%`" }                 },
    };

    (void)state;
    ROWS(rows);
}

static void levels_add_up(void **state)
{
    static const struct row rows[] = {
        { "SELECT",       "db.t", HG_PASS, { "GRANT SELECT ON *.* TO `u`@`%`" }                    },
        { "SELECT",       "db.*", HG_FAIL, { "GRANT SELECT ON `db`.`t` TO `u`@`%`" }               },
        { "SELECT",       "*.*",  HG_FAIL, { "GRANT SELECT ON `db`.* TO `u`@`%`" }                 },
        { "SELECT",       "db.u", HG_FAIL, { "GRANT SELECT ON `db`.`t` TO `u`@`%`" }               },
        { "SELECT",       "db.t", HG_PASS, { "GRANT INSERT, SELECT ON `db`.`t` TO `u`@`%`" }       },
        { "SELECT",       "db.*", HG_FAIL, { "GRANT USAGE ON *.* TO `u`@`%`" }                     },
        { "SELECT",       "db.*", HG_FAIL, { NULL }                                                },
        /* ALL PRIVILEGES is everything of its level but the right to pass it on */
        { "SELECT",       "db.t", HG_PASS, { "GRANT ALL PRIVILEGES ON `db`.* TO `u`@`%`" }         },
        { "SELECT",       "db.t", HG_PASS, { "GRANT ALL ON `db`.* TO `u`@`%`" }                    },
        { "RELOAD",       "*.*",  HG_FAIL, { "GRANT ALL PRIVILEGES ON `db`.* TO `u`@`%`" }         },
        { "RELOAD",       "*.*",  HG_PASS, { "GRANT ALL PRIVILEGES ON *.* TO `u`@`%`" }            },
        { "RELOAD",       "db.*", HG_FAIL, { "GRANT ALL PRIVILEGES ON `db`.* TO `u`@`%`" }         },
        { "EVENT",        "db.*", HG_PASS, { "GRANT ALL PRIVILEGES ON `db`.* TO `u`@`%`" }         },
        { "EVENT",        "db.t", HG_FAIL, { "GRANT ALL PRIVILEGES ON `db`.`t` TO `u`@`%`" }       },
        { "BACKUP_ADMIN", "*.*",  HG_FAIL, { "GRANT ALL PRIVILEGES ON *.* TO `u`@`%`" }            },
        { "GRANT OPTION", "*.*",  HG_FAIL, { "GRANT ALL PRIVILEGES ON *.* TO `u`@`%`" }            },
        { "GRANT OPTION",
         "*.*",                   HG_PASS,
         { "GRANT SELECT ON *.* TO `u`@`%` WITH GRANT OPTION" }                                    },
        /* a column is not the table */
        { "SELECT",       "db.t", HG_FAIL, { "GRANT SELECT (`a`, `b`) ON `db`.`t` TO `u`@`%`" }    },
        { "INSERT",       "db.t", HG_PASS, { "GRANT SELECT (`a`), INSERT ON `db`.`t` TO `u`@`%`" } },
        { "SELECT",
         "db.t",                  HG_FAIL,
         { "GRANT SELECT (`a), SELECT ON *.* TO x@y WITH `) ON `db`.`t` TO `u`@`%`" }              },
        { "SELECT",       "db.t", HG_FAIL, { "GRANT SELECT (`a``)`) ON `db`.`t` TO `u`@`%`" }      },
        /* routines, proxies and roles hold no table privilege */
        { "SELECT",       "db.f", HG_FAIL, { "GRANT EXECUTE ON FUNCTION `db`.`f` TO `u`@`%`" }     },
        { "EXECUTE",      "db.f", HG_FAIL, { "GRANT EXECUTE ON PROCEDURE `db`.`f` TO `u`@`%`" }    },
        { "SELECT",
         "*.*",                   HG_FAIL,
         { "GRANT PROXY ON ``@`` TO `root`@`%` WITH GRANT OPTION" }                                },
        { "SELECT",       "db.*", HG_FAIL, { "GRANT `reader`@`%`,`b`@`%` TO `u`@`%`" }             },
        { "SELECT",
         "db.*",                  HG_FAIL,
         { "GRANT reporting TO `u`@`%` WITH ADMIN OPTION",
            "SET DEFAULT ROLE reporting FOR u" }                                                   },
        { "SELECT",
         "db.*",                  HG_PASS,
         { "GRANT reporting TO `u`@`%`", "GRANT SELECT ON `db`.* TO `reporting`" }                 },
    };

    (void)state;
    ROWS(rows);
}

static void only_the_most_specific_pattern_counts(void **state)
{
    static const struct row rows[] = {
        { "SELECT", "db1.*",                                                    HG_PASS,    { "GRANT SELECT ON `d_1`.* TO `u`@`%`" }   },
        { "SELECT", "d.x.*",                                                    HG_PASS,    { "GRANT SELECT ON `d%`.* TO `u`@`%`" }    },
        { "SELECT", "d.*",                                                      HG_PASS,    { "GRANT SELECT ON `d%`.* TO `u`@`%`" }    },
        { "SELECT", "d_1.*",                                                    HG_PASS,    { "GRANT SELECT ON `d\\_1`.* TO `u`@`%`" } },
        { "SELECT", "db1.*",                                                    HG_FAIL,    { "GRANT SELECT ON `d\\_1`.* TO `u`@`%`" } },
        { "SELECT", "d%.*",                                                     HG_PASS,    { "GRANT SELECT ON `d\\%`.* TO `u`@`%`" }  },
        { "SELECT", "db.*",                                                     HG_FAIL,    { "GRANT SELECT ON `d\\%`.* TO `u`@`%`" }  },
        /* no patterns at table level */
        { "SELECT", "db1.t",                                                    HG_FAIL,    { "GRANT SELECT ON `d_1`.`t` TO `u`@`%`" } },
        { "SELECT", "d_1.t",                                                    HG_PASS,    { "GRANT SELECT ON `d_1`.`t` TO `u`@`%`" } },
        { "SELECT", "db.t1",                                                    HG_FAIL,    { "GRANT SELECT ON `db`.`t%` TO `u`@`%`" } },
        { "INSERT",
         "db1.*",                                                               HG_FAIL,
         { "GRANT SELECT ON `db_`.* TO `u`@`%`", "GRANT INSERT ON `d%`.* TO `u`@`%`" }                                                 },
        { "INSERT",
         "db1.*",                                                               HG_FAIL,
         { "GRANT INSERT ON `d%`.* TO `u`@`%`", "GRANT SELECT ON `db1`.* TO `u`@`%`" }                                                 },
        { "SELECT",
         "db1.*",                                                               HG_PASS,
         { "GRANT INSERT ON `d%`.* TO `u`@`%`", "GRANT SELECT ON `db1`.* TO `u`@`%`" }                                                 },
        { "INSERT",
         "db1.*",                                                               HG_PASS,
         { "GRANT INSERT ON *.* TO `u`@`%`", "GRANT SELECT ON `db1`.* TO `u`@`%`" }                                                    },
        /* Equally specific rows: which one counts is the server's own affair. */
        { "INSERT",
         "db1.*",                                                               HG_UNKNOWN,
         { "GRANT SELECT ON `d_1`.* TO `u`@`%`", "GRANT INSERT ON `d%`.* TO `u`@`%`" }                                                 },
        { "SELECT",
         "db1.*",                                                               HG_PASS,
         { "GRANT SELECT ON `d_1`.* TO `u`@`%`", "GRANT SELECT ON `d%`.* TO `u`@`%`" }                                                 },
        { "SELECT",
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab.*", HG_FAIL,
         { "GRANT SELECT ON `%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%ac`.* TO `u`@`%`" }                                            },
    };

    (void)state;
    ROWS(rows);
}

static void partial_revokes_take_away(void **state)
{
    static const char all[] = "GRANT SELECT, INSERT ON *.* TO `u`@`%`";
    static const struct row rows[] = {
        { "SELECT", "db.*",    HG_FAIL,    { all, "REVOKE SELECT ON `db`.* FROM `u`@`%`" }    },
        { "SELECT", "db.t",    HG_FAIL,    { all, "REVOKE SELECT ON `db`.* FROM `u`@`%`" }    },
        { "INSERT", "db.*",    HG_PASS,    { all, "REVOKE SELECT ON `db`.* FROM `u`@`%`" }    },
        { "SELECT", "other.*", HG_PASS,    { all, "REVOKE SELECT ON `db`.* FROM `u`@`%`" }    },
        { "SELECT", "*.*",     HG_PASS,    { all, "REVOKE SELECT ON `db`.* FROM `u`@`%`" }    },
        { "SELECT",
         "db.t",               HG_PASS,
         { all, "REVOKE SELECT ON `db`.* FROM `u`@`%`",
            "GRANT SELECT ON `db`.`t` TO `u`@`%`" }                                           },
        { "SELECT", "d_1.*",   HG_FAIL,    { all, "REVOKE SELECT ON `d_1`.* FROM `u`@`%`" }   },
        /* names are compared byte by byte: an escape is a part of the name */
        { "SELECT", "d_1.*",   HG_PASS,    { all, "REVOKE SELECT ON `d\\_1`.* FROM `u`@`%`" } },
        /* with partial revokes a wildcard is itself */
        { "SELECT", "db1.*",   HG_PASS,    { all, "REVOKE SELECT ON `d_1`.* FROM `u`@`%`" }   },
        { "DROP",
         "db1.*",              HG_FAIL,
         { all, "REVOKE SELECT ON `db`.* FROM `u`@`%`", "GRANT DROP ON `d%`.* TO `u`@`%`" }   },
        { "SELECT", "db.*",    HG_UNKNOWN, { all, "REVOKE SELECT ON nonsense" }               },
    };

    (void)state;
    ROWS(rows);
}

static void names_and_tails_of_all_flavours(void **state)
{
    static const struct row rows[] = {
        { "REPLICATION CLIENT", "*.*", HG_PASS, { "GRANT BINLOG MONITOR ON *.* TO `u`@`%`" }        },
        { "BINLOG MONITOR",     "*.*", HG_PASS, { "GRANT REPLICATION CLIENT ON *.* TO `u`@`%`" }    },
        { "REPLICATION SLAVE",
         "*.*",                        HG_PASS,
         { "GRANT REPLICATION REPLICA ON *.* TO `u`@`%`" }                                          },
        { "REPLICATION CLIENT", "*.*", HG_PASS, { "GRANT SUPER ON *.* TO `u`@`%`" }                 },
        { "REPLICATION SLAVE",  "*.*", HG_FAIL, { "GRANT SUPER ON *.* TO `u`@`%`" }                 },
        { "REPLICATION SLAVE",
         "*.*",                        HG_PASS,
         { "GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO `u`@`%` IDENTIFIED BY "
            "PASSWORD '*AB'" }                                                                      },
        { "SELECT",
         "*.*",                        HG_PASS,
         { "GRANT SELECT ON *.* TO `u`@`%` IDENTIFIED VIA ed25519 USING 'x' OR unix_socket" }       },
        { "SELECT",             "*.*", HG_PASS, { "GRANT SELECT ON *.* TO `u`@`%` REQUIRE SSL" }    },
        { "GRANT OPTION",
         "*.*",                        HG_FAIL,
         { "GRANT SELECT ON *.* TO `u`@`%` REQUIRE SUBJECT '/CN=x'' WITH GRANT OPTION'" }           },
        { "GRANT OPTION",
         "*.*",                        HG_PASS,
         { "GRANT SELECT ON *.* TO `u`@`%` REQUIRE X509 WITH GRANT OPTION MAX_USER_CONNECTIONS 5" } },
    };

    (void)state;
    ROWS(rows);
}

static void what_was_not_understood_is_unknown(void **state)
{
    static const char *const odd[] = {
        "",
        " ",
        "GRANT",
        "GRANT ",
        "GRANT ON",
        "GRANT SELECT",
        "GRANT SELECT ON",
        "DENY x",
        "GRANT SELECT ON *.* TO",
        "GRANT SELECT ON `db TO `u`@`%`",
        "GRANT SELECT (a ON *.* TO u",
        "GRANT SELECT ON *.* FROM `u`@`%`",
        "GRANT SELECT ON *.* TO `u`@`%` FOREVER",
        "GRANT SELECT ON *.* TO `u",
        "GRANT , ON *.* TO u",
        "GRANT SELECT ON db TO `u`@`%`",
        "REVOKE",
        "GRANT `r`@`%` ON",
        "GRANT SELECT ON ***.* TO u",
        "SETTLE x",
        "SET PASSWORD",
        "GRANT EXECUTE ON PROCEDURE db.* TO u",
        "GRANT SELECT ON *.* TO u REQUIRE SUBJECT 'x",
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(odd); i++) {
        const struct row rows[] = {
            { "SELECT", "db.*", HG_UNKNOWN, { odd[i] } },
            { "SELECT", "db.*", HG_UNKNOWN, { "GRANT USAGE ON *.* TO u", odd[i] } },
            /* a row that is tried before the pattern, or a revoke */
            { "SELECT", "db.*", HG_UNKNOWN, { "GRANT SELECT ON `d%`.* TO u", odd[i] } },
            { "SELECT",
             "db.*", strncmp(odd[i], "GRANT ", 6) == 0 ? HG_PASS : HG_UNKNOWN,
             { "GRANT SELECT ON *.* TO u", odd[i] } },
        };

        ROWS(rows);
    }
}

static void what_is_not_complete_is_unknown(void **state)
{
    static const struct row rows[] = {
        { "SELECT", "db.*", HG_UNKNOWN, { "GRANT USAGE ON *.* TO `u`@`%`" }  },
        { "SELECT", "db.*", HG_PASS,    { "GRANT SELECT ON *.* TO `u`@`%`" } },
    };
    json_t *none = json_object();

    (void)state;
    assert_rows(rows, HG_COUNT(rows), false);
    assert_int_equal(hg_mysql_allows(none, "SELECT", "db.*"), HG_UNKNOWN);
    assert_int_equal(hg_mysql_allows(NULL, "SELECT", "db.*"), HG_UNKNOWN);
    json_decref(none);
}

/* What servers showed, and what they then allowed and denied when it was tried. */
struct recorded {
    bool roles; /* some were active */
    const char *lines, *allowed, *denied;
};

/* clang-format off */
#define U  " TO `u`@`%`\n"
#define PW " TO `u`@`%` IDENTIFIED BY PASSWORD '[secret]'\n"
#define F  " FROM `u`@`%`\n"

static const struct recorded mysql_9_7[] = {
    { false, "GRANT ALL PRIVILEGES ON `d1`.*" U, "SELECT d1.*|INSERT d1.t|SELECT d1.t",
      "SELECT db1.*|INSERT db1.*|SELECT d_1.*" },
    { false, "GRANT SELECT (`a`), INSERT ON `d1`.`t`" U, "INSERT d1.t",
      "SELECT d1.t|SELECT d1.*|SELECT db1.*" },
    { false, "GRANT SELECT ON `d\\%`.*" U, "SELECT d%.*|SELECT d%.t",
      "INSERT d%.*|INSERT d%.t|SELECT d1.*" },
    { false, "GRANT SELECT ON `%prod`.*" U,
      "SELECT app_prod.*|SELECT appxprod.*|SELECT app_prod.t",
      "INSERT app_prod.*|INSERT app_prod.t|SELECT d1.*" },
    { false, "GRANT SELECT ON `d%`.`t`" U, "SELECT d%.t",
      "INSERT d%.t|SELECT d1.*|SELECT db1.*" },
    { false, "GRANT INSERT ON `d%`.*" U "GRANT SELECT ON `db_`.*" U,
      "SELECT db1.*|INSERT d_1.*|INSERT d1.t", "SELECT d1.*|INSERT db1.*|SELECT d_1.*" },
    { false, "GRANT SELECT ON `db1`.*" U "GRANT INSERT ON `db_`.*" U,
      "SELECT db1.*|SELECT db1.t|INSERT db2.*", "INSERT db1.*|INSERT db1.t|SELECT d1.*" },
    { false, "GRANT SELECT ON `d\\_1`.*" U "GRANT INSERT ON `d_1`.*" U,
      "INSERT db1.*|SELECT d_1.*|INSERT d\\1.*", "SELECT db1.*|INSERT d_1.*|SELECT d1.*" },
    { false, "GRANT INSERT ON `app%`.*" U "GRANT SELECT ON `app\\_%`.*" U,
      "SELECT app_prod.*|SELECT app_prod.t|INSERT appxprod.*",
      "SELECT appxprod.*|INSERT app_prod.*|SELECT d1.*" },
    { false, "GRANT INSERT ON `d1`.*" U "GRANT SELECT ON `d%`.*" U
      "GRANT SELECT ON `d1`.`t`" U, "SELECT db1.*|SELECT d_1.*|INSERT d1.t",
      "SELECT d1.*|INSERT db1.*|INSERT d_1.*" },
    { false, "GRANT SELECT ON `d``b`.*" U, "SELECT d`b.*|SELECT d`b.t",
      "INSERT d`b.*|INSERT d`b.t|SELECT d1.*" },
    { false, "GRANT INSERT ON `d\"b`.*" U "GRANT SELECT ON `d'b`.*" U,
      "SELECT d'b.*|SELECT d'b.t|INSERT d\"b.*", "INSERT d'b.*|INSERT d'b.t|SELECT d1.*" },
    { false, "GRANT SELECT ON `d__`.*" U, "SELECT db1.*|SELECT d_1.*|SELECT d\\1.*",
      "INSERT db1.*|INSERT d_1.*|SELECT d1.*" },
    { false, "GRANT SELECT ON `%é`.*" U, "SELECT dé.*|SELECT dé.t",
      "INSERT dé.*|INSERT dé.t|SELECT d1.*" },
    { false, "GRANT SELECT ON `d\\1`.*" U, "SELECT d1.*|SELECT d1.t|SELECT d1.t_1",
      "INSERT d1.t|INSERT d1.*|SELECT db1.*" },
    { false, "GRANT SELECT ON `d\\1`.`t`" U, "SELECT d\\1.t",
      "INSERT d\\1.t|SELECT d1.*|SELECT db1.*" },
    { false, "GRANT SUPER ON *.*" U, "REPLICATION CLIENT *.*",
      "RELOAD *.*|REPLICATION SLAVE *.*|SELECT d1.*" },
    { false, "GRANT EXECUTE ON `d1`.*" U, "EXECUTE d1.*",
      "SELECT d1.*|INSERT d1.*|SELECT db1.*" },
    { false, "GRANT SELECT ON \"d`b\".* TO \"u\"@\"%\"\n"
      "GRANT INSERT ON \"d\"\"b\".\"t\" TO \"u\"@\"%\"\n",
      "SELECT d`b.*|SELECT d`b.t|INSERT d\"b.t", "INSERT d`b.*|INSERT d`b.t|SELECT d1.*" },
    { false, "GRANT SELECT ON d1.* TO u@`%`\n" "GRANT INSERT ON d_1.* TO u@`%`\n"
      "GRANT INSERT ON `sp ace`.t TO u@`%`\n", "SELECT d1.*|INSERT db1.*|INSERT d_1.*",
      "SELECT db1.*|SELECT d_1.*|INSERT d1.t" },
    { false, "GRANT SELECT ON `d1`.* TO `o TO ``x```@`%`\n",
      "SELECT d1.*|SELECT d1.t|SELECT d1.t_1", "INSERT d1.t|INSERT d1.*|SELECT db1.*" },
    { false, "GRANT SELECT ON `d1`.*" U
      "GRANT PROXY ON `sink`@`%` TO `u`@`%` WITH GRANT OPTION\n",
      "SELECT d1.*|SELECT d1.t|SELECT d1.t_1", "INSERT d1.t|INSERT d1.*|SELECT db1.*" },
    { true, "GRANT INSERT ON `db1`.*" U "GRANT SELECT ON `db_`.*" U "GRANT `r1`@`%`" U,
      "INSERT db1.*|INSERT db1.t|SELECT db2.*", "SELECT db1.*|SELECT db1.t|SELECT d1.*" },
    { true, "GRANT INSERT ON `d%`.*" U "GRANT SELECT ON `db_`.*" U "GRANT `r1`@`%`" U,
      "INSERT db1.*|INSERT d_1.*|INSERT d1.t", "SELECT d1.*|SELECT db1.*|SELECT d_1.*" },
    { true, "GRANT SELECT ON `secret`.*" U "GRANT INSERT ON `d%`.*" U
      "GRANT SELECT ON `d\\_1`.*" U "GRANT `r1`@`%`" U,
      "INSERT db1.*|INSERT d_1.*|INSERT d1.t", "SELECT d1.*|SELECT db1.*|SELECT d_1.*" },
    { true, "GRANT SELECT ON `d_1`.*" U "GRANT INSERT ON `db%`.*" U "GRANT `r1`@`%`" U,
      "SELECT db1.*|SELECT d_1.*|SELECT d\\1.*", "INSERT db1.*|INSERT d_1.*|SELECT d1.*" },
    { true, "GRANT INSERT ON `%1`.*" U "GRANT DELETE ON `_1`.*" U "GRANT SELECT ON `d%`.*" U
      "GRANT `r1`@`%`" U, "INSERT db1.*|INSERT d_1.*|INSERT d1.t",
      "SELECT d1.*|SELECT db1.*|SELECT d_1.*" },
    { true, "GRANT INSERT ON `app\\_prod`.*" U "GRANT SELECT ON `app_prod`.*" U
      "GRANT `r1`@`%`" U, "SELECT appxprod.*|INSERT app_prod.*|INSERT app_prod.t",
      "SELECT app_prod.*|SELECT app_prod.t|SELECT d1.*" },
    { true, "GRANT INSERT ON `d\\1`.*" U "GRANT SELECT ON `d_1`.*" U "GRANT `r1`@`%`" U,
      "SELECT db1.*|SELECT d_1.*|INSERT d\\1.*", "INSERT db1.*|INSERT d_1.*|SELECT d1.*" },
    { true, "GRANT REPLICATION CLIENT ON *.*" U "GRANT BACKUP_ADMIN ON *.*" U
      "GRANT `r1`@`%`" U, "REPLICATION CLIENT *.*|BACKUP_ADMIN *.*",
      "RELOAD *.*|REPLICATION SLAVE *.*|SELECT d1.*" },
    { true, "GRANT SELECT ON `d%`.*" U "GRANT INSERT ON `db_`.*" U
      "GRANT `r1`@`%`,`r2`@`%`" U, "SELECT d1.*|SELECT db1.*|SELECT d_1.*",
      "INSERT db1.*|INSERT d_1.*|INSERT d1.t" },
    { true, "GRANT INSERT ON `db1`.*" U "GRANT SELECT ON `d%`.*" U "GRANT `r2`@`%`" U,
      "SELECT d1.*|INSERT db1.*|SELECT d_1.*", "SELECT db1.*|INSERT d_1.*|INSERT d1.t" },
    { true, "GRANT EXECUTE ON PROCEDURE `d1`.`p`" U "GRANT `r1`@`%`" U, "",
      "SELECT d1.*|SELECT db1.*|INSERT db1.*" },
    { false, "GRANT SELECT, INSERT ON *.*" U "REVOKE SELECT ON `d1`.*" F,
      "SELECT db1.*|INSERT db1.*|SELECT d_1.*", "SELECT d1.*|SELECT d1.t|SELECT d1.t_1" },
    { false, "GRANT SELECT ON *.*" U "REVOKE SELECT ON `d_1`.*" F,
      "SELECT d1.*|SELECT db1.*|SELECT d1.t", "INSERT db1.*|INSERT d1.t|SELECT d_1.*" },
    { false, "GRANT SELECT ON *.*" U "REVOKE SELECT ON `d\\_1`.*" F,
      "SELECT d1.*|SELECT db1.*|SELECT d_1.*", "INSERT db1.*|INSERT d_1.*|INSERT d1.t" },
    { false, "GRANT SELECT ON *.*" U "GRANT INSERT ON `d%`.*" U
      "REVOKE SELECT ON `secret`.*" F, "SELECT d1.*|SELECT db1.*|SELECT d_1.*",
      "INSERT db1.*|INSERT d_1.*|INSERT d1.t" },
    { false, "GRANT SELECT ON *.*" U "GRANT INSERT ON `d\\_1`.*" U
      "REVOKE SELECT ON `secret`.*" F, "SELECT d1.*|SELECT db1.*|SELECT d_1.*",
      "INSERT db1.*|INSERT d_1.*|INSERT d1.t" },
    { true, "GRANT SELECT ON *.*" U "GRANT SELECT ON `db1`.*" U
      "GRANT INSERT ON `app\\_prod`.*" U "GRANT INSERT ON `d_1`.*" U
      "REVOKE SELECT ON `secret`.*" F "GRANT `r1`@`%`" U,
      "SELECT d1.*|SELECT db1.*|SELECT d_1.*",
      "INSERT db1.*|INSERT d1.t|INSERT app_prod.*" },
    { true, "GRANT SELECT ON *.*" U "GRANT `r1`@`%`" U,
      "SELECT d1.*|SELECT db1.*|SELECT d_1.*", "INSERT db1.*|INSERT d_1.*|INSERT d1.t" },
    { true, "GRANT SELECT ON *.*" U "GRANT `r1`@`%`" U,
      "SELECT d1.*|SELECT db1.*|SELECT d_1.*", "INSERT db1.*|INSERT d_1.*|INSERT d1.t" },
};

static const struct recorded mariadb_10_11[] = {
    { false, "GRANT USAGE ON *.*" PW "GRANT SELECT ON `d_1`.*" U "GRANT INSERT ON `d%`.*" U,
      "SELECT db1.*|SELECT d_1.*|INSERT d1.t", "SELECT d1.*|INSERT db1.*|INSERT d_1.*" },
    { false, "GRANT USAGE ON *.*" PW "GRANT SELECT ON `app_%`.*" U
      "GRANT INSERT ON `app%`.*" U, "SELECT app_prod.*|SELECT appxprod.*|SELECT app_prod.t",
      "INSERT app_prod.*|INSERT app_prod.t|SELECT d1.*" },
    { false, "GRANT USAGE ON *.*" PW "GRANT SELECT ON `ap_\\_prod`.*" U
      "GRANT INSERT ON `app_prod`.*" U,
      "SELECT app_prod.*|SELECT app_prod.t|INSERT appxprod.*",
      "SELECT appxprod.*|INSERT app_prod.*|SELECT d1.*" },
    { true, "GRANT `r1`" U "GRANT USAGE ON *.*" PW "GRANT INSERT ON `db1`.*" U
      "GRANT USAGE ON *.* TO `r1`\n" "GRANT SELECT ON `db_`.* TO `r1`\n"
      "SET DEFAULT ROLE `r1` FOR `u`@`%`\n", "SELECT db1.*|INSERT db1.*|SELECT db1.t",
      "INSERT db2.*|INSERT db2.t|SELECT d1.*" },
    { true, "GRANT `r1`" U "GRANT USAGE ON *.*" PW "GRANT INSERT ON `app\\_prod`.*" U
      "GRANT USAGE ON *.* TO `r1`\n" "GRANT SELECT ON `app_prod`.* TO `r1`\n"
      "SET DEFAULT ROLE `r1` FOR `u`@`%`\n",
      "SELECT app_prod.*|SELECT appxprod.*|INSERT app_prod.*",
      "INSERT appxprod.*|INSERT appxprod.t|SELECT d1.*" },
    { false, "GRANT USAGE ON *.*" PW "GRANT INSERT ON `db1`.*" U
      "GRANT SELECT ON `d%`.* TO PUBLIC\n", "SELECT d1.*|SELECT db1.*|INSERT db1.*",
      "INSERT d_1.*|INSERT d1.t|SELECT app_prod.*" },
};
/* clang-format on */

static void assert_answers(const json_t *grants, const char *questions, enum hg_verdict verdict)
{
    while (*questions != '\0') {
        int len = (int)strcspn(questions, "|");
        char privilege[80];
        char *object;

        snprintf(privilege, sizeof(privilege), "%.*s", len, questions);
        object = strrchr(privilege, ' ');
        assert_non_null(object);
        *object++ = '\0';
        if (hg_mysql_allows(grants, privilege, object) != verdict) {
            print_error("%s on %s\n", privilege, object);
            json_dumpf(grants, stderr, JSON_INDENT(1));
            fail();
        }
        questions += len + (questions[len] == '|');
    }
}

static void assert_recorded(const struct recorded *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        json_t *lines = json_array();
        json_t *grants = json_pack("{s:o, s:[s*], s:b}", "lines", lines, "roles",
                                   rows[i].roles ? "r1" : NULL, "complete", 1);

        for (const char *p = rows[i].lines, *end; (end = strchr(p, '\n')) != NULL;
             p = end + 1) {
            json_array_append_new(lines, json_stringn(p, (size_t)(end - p)));
        }
        assert_answers(grants, rows[i].allowed, HG_PASS);
        assert_answers(grants, rows[i].denied, HG_FAIL);
        json_decref(grants);
    }
}

static void servers_agree(void **state)
{
    (void)state;
    assert_recorded(mysql_9_7, HG_COUNT(mysql_9_7));
    assert_recorded(mariadb_10_11, HG_COUNT(mariadb_10_11));
}

static void assert_listed(const json_t *list, size_t at, const char *privilege,
                          const char *object)
{
    const json_t *item = json_array_get(list, at);

    assert_string_equal(json_string_value(json_object_get(item, "privilege")), privilege);
    assert_string_equal(json_string_value(json_object_get(item, "object")), object);
}

static void lists_what_is_held(void **state)
{
    static const char *const lines[] = {
        "GRANT BINLOG MONITOR ON *.* TO `u`@`%` WITH GRANT OPTION",
        "GRANT SELECT (`a`) ON `d`.`t` TO `u`@`%`",
        "GRANT INSERT ON `SMALL`.* TO `u`@`%`",
    };
    static const char *const more[] = { "GRANT SELECT ON *.* TO `u`@`%`", "WHAT" };
    json_t *grants = grants_of(lines, 3, true), *partly = grants_of(more, 2, true);
    json_t *list, *rest;
    bool understood;

    (void)state;
    list = hg_mysql_privileges(grants, &understood);
    assert_true(understood);
    assert_int_equal(json_array_size(list), 4);
    assert_listed(list, 0, "REPLICATION CLIENT", "*.*");
    assert_listed(list, 1, "GRANT OPTION", "*.*");
    assert_listed(list, 2, "SELECT (COLUMNS)", "d.t");
    assert_listed(list, 3, "INSERT", "SMALL.*");
    rest = hg_mysql_privileges(partly, &understood);
    assert_false(understood);
    assert_int_equal(json_array_size(rest), 1);
    json_decref(rest);
    json_decref(list);
    json_decref(partly);
    json_decref(grants);
}

static void mongodb_resources(void **state)
{
    static const struct {
        const char *resource, *db, *collection;
        enum hg_verdict verdict;
    } rows[] = {
        { "{\"db\":\"a\",\"collection\":\"\"}",             "a",      "",                HG_PASS },
        { "{\"db\":\"a\",\"collection\":\"\"}",             "a",      "c",               HG_PASS },
        { "{\"db\":\"a\",\"collection\":\"\"}",             "b",      "c",               HG_FAIL },
        { "{\"db\":\"a\",\"collection\":\"\"}",             "a",      "system.views",    HG_FAIL },
        { "{\"db\":\"a\",\"collection\":\"system.views\"}", "a",      "system.views",    HG_PASS },
        { "{\"db\":\"a\",\"collection\":\"c\"}",            "a",      "c",               HG_PASS },
        { "{\"db\":\"a\",\"collection\":\"c\"}",            "a",      "d",               HG_FAIL },
        { "{\"db\":\"a\",\"collection\":\"c\"}",            "a",      "",                HG_FAIL },
        { "{\"db\":\"\",\"collection\":\"\"}",              "a",      "",                HG_PASS },
        { "{\"db\":\"\",\"collection\":\"c\"}",             "a",      "c",               HG_PASS },
        /* any database is not the two that hold the server's own */
        { "{\"db\":\"\",\"collection\":\"\"}",              "local",  "oplog.rs",        HG_FAIL },
        { "{\"db\":\"\",\"collection\":\"\"}",              "config", "",                HG_FAIL },
        { "{\"db\":\"\",\"collection\":\"oplog.rs\"}",      "local",  "oplog.rs",        HG_PASS },
        { "{\"db\":\"\",\"collection\":\"\"}",              "a",      "system.views",    HG_FAIL },
        { "{\"db\":\"\",\"collection\":\"system.views\"}",  "a",      "system.views",    HG_PASS },
        { "{\"db\":\"config\",\"collection\":\"\"}",        "config", "system.sessions", HG_FAIL },
        { "{\"db\":\"local\",\"collection\":\"\"}",         "local",  "oplog.rs",        HG_PASS },
        { "{\"cluster\":true}",                             "a",      "",                HG_FAIL },
        { "{\"anyResource\":true}",                         "local",  "system.x",        HG_PASS },
        { "{\"db\":\"a\"}",                                 "a",      "",                HG_FAIL },
        { "null",                                           "a",      "",                HG_FAIL },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        json_t *resource = json_loads(rows[i].resource, JSON_DECODE_ANY, NULL);
        json_t *privileges = json_pack("[{s:o, s:[s, s]}]", "resource", resource, "actions",
                                       "find", "collStats");
        json_t *actions = json_pack("[s]", "find");
        enum hg_verdict verdict = hg_mongodb_allows(privileges, actions, rows[i].db,
                                                    rows[i].collection, NULL);

        if (verdict != rows[i].verdict) {
            print_error("row %zu: %s on %s.%s\n", i, rows[i].resource, rows[i].db,
                        rows[i].collection);
        }
        assert_int_equal(verdict, rows[i].verdict);
        json_decref(actions);
        json_decref(privileges);
    }
}

static void mongodb_actions(void **state)
{
    json_t *privileges = json_pack("[{s:{s:s,s:s},s:[s]},{s:{s:s,s:s},s:[s]},i]", "resource",
                                   "db", "a", "collection", "", "actions", "find", "resource",
                                   "db", "", "collection", "", "actions", "anyAction", 5);
    json_t *actions = json_pack("[s, s]", "find", "changeStream");
    json_t *odd = json_pack("[i]", 1), *none = json_array(), *missing = json_array();

    (void)state;
    assert_int_equal(hg_mongodb_allows(privileges, actions, "a", "", missing), HG_PASS);
    assert_int_equal(json_array_size(missing), 0);
    json_array_remove(privileges, 1);
    assert_int_equal(hg_mongodb_allows(privileges, actions, "a", "", missing), HG_FAIL);
    assert_int_equal(json_array_size(missing), 1);
    assert_string_equal(json_string_value(json_array_get(missing, 0)), "changeStream");
    assert_int_equal(hg_mongodb_allows(privileges, odd, "a", "", missing), HG_UNKNOWN);
    assert_int_equal(hg_mongodb_allows(privileges, none, "a", "", missing), HG_UNKNOWN);
    assert_int_equal(hg_mongodb_allows(NULL, actions, "a", "", missing), HG_UNKNOWN);
    json_decref(missing);
    json_decref(none);
    json_decref(odd);
    json_decref(actions);
    json_decref(privileges);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_quoted_in_any_way),
        cmocka_unit_test(levels_add_up),
        cmocka_unit_test(only_the_most_specific_pattern_counts),
        cmocka_unit_test(partial_revokes_take_away),
        cmocka_unit_test(names_and_tails_of_all_flavours),
        cmocka_unit_test(what_was_not_understood_is_unknown),
        cmocka_unit_test(what_is_not_complete_is_unknown),
        cmocka_unit_test(servers_agree),
        cmocka_unit_test(lists_what_is_held),
        cmocka_unit_test(mongodb_resources),
        cmocka_unit_test(mongodb_actions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
