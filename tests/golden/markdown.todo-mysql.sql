-- Tonight's list: 1. hostile to Markdown | a | b | `code` ``two`` ```three ```
-- <img src=x onerror=alert(1)> <b>bold</b> &lt; &amp; &#42; <!-- hidden -->
-- [click](http://evil.example/) ![i](http://evil.example/i.png) [ref][1] [^1]
-- [x] @org/team @user mail a@b.example #123 owner/repo#45 GH-67 gh-8
-- http://evil.example/x www.evil.example ftp://evil.example *em* **strong**
-- _em_ __strong__ ~~gone~~ - item * item + item 1. item 2) item # heading >
-- quote --- === code :smile: :+1: 12:100:00 $x^2$ $$y$$ $`z`$ back\slash \* \|
-- \` end\ </summary></details><script>alert(1)</script> word : a_b_c snake_case
-- *.* 'u'@'%' 'u'@'localhost' - [ ] task [x] done ::error::from a server
-- �:stop-commands::x ##�error]old 100% %0A a,b:c
-- 2026-11-24T09:30:00Z | `, level look, headgate 0.1.0. The gate is CLOSED: 6
-- failures (6 blocker), 5 unknown, 1 waiting, 2 faults of ours; it fails on
-- major and worse.
--
-- What mysql can do of it: mysql ... <FILE. A statement is commented out where
-- <...> has to be filled in, where it closes nothing, and where it cannot be
-- undone. Then run headgate again: what waited may show.

-- db: MySQL | a | b | `code` ``two`` ```three ``` <img src=x onerror=alert(1)>
-- <b>bold</b> &lt; &amp; &#42; <!-- hidden --> [click](http://evil.example/)
-- ![i](http://evil.example/i.png) [ref][1] [^1] [x] @org/team @user mail
-- a@b.example #123 owner/repo#45 GH-67 gh-8 http://evil.example/x
-- www.evil.example ftp://evil.example *em* **strong** _em_ __strong__ ~~gone~~
-- - item * item + item 1. item 2) item # heading > quote --- === code :smile:
-- :+1: 12:100:00 $x^2$ $$y$$ $`z`$ back\slash \* \| \` end\
-- </summary></details><script>alert(1)</script> word : a_b_c snake_case *.*
-- 'u'@'%' 'u'@'localhost' - [ ] task [x] done ::error::from a server
-- �:stop-commands::x ##�error]old 100% %0A a,b:c at www.evil.example:3306,
-- account 'a`|'@'%'
-- connect: mysql --host=www.evil.example --port=3306 --user=<admin> --password

-- 1. BLOCKER mysql.one00
--    | a | b |
--    which | a | b |
--          x| a | b |
--          and 7 more: they show when these are done
--    why   | a | b |
--    do    | a | b |
| a | b |
````
SELECT 1;

-- 2. BLOCKER mysql.one04
--    [click](http://evil.example/) ![i](http://evil.example/i.png) [ref][1]
--    [^1] [x]
--    which [click](http://evil.example/) ![i](http://evil.example/i.png)
--          [ref][1] [^1] [x]
--          x[click](http://evil.example/) ![i](http://evil.example/i.png)
--          [ref][1] [^1] [x]
--          and 7 more: they show when these are done
--    why   [click](http://evil.example/) ![i](http://evil.example/i.png)
--          [ref][1] [^1] [x]
--    do    [click](http://evil.example/) ![i](http://evil.example/i.png)
--          [ref][1] [^1] [x]
[click](http://evil.example/) ![i](http://evil.example/i.png) [ref][1] [^1] [x]
````
SELECT 1;

-- 3. BLOCKER mysql.one08
--    *em* **strong** _em_ __strong__ ~~gone~~
--    which *em* **strong** _em_ __strong__ ~~gone~~
--          x*em* **strong** _em_ __strong__ ~~gone~~
--          and 7 more: they show when these are done
--    why   *em* **strong** _em_ __strong__ ~~gone~~
--    do    *em* **strong** _em_ __strong__ ~~gone~~
*em* **strong** _em_ __strong__ ~~gone~~
````
SELECT 1;

-- 4. BLOCKER mysql.one12
--    $x^2$ $$y$$ $`z`$
--    which $x^2$ $$y$$ $`z`$
--          x$x^2$ $$y$$ $`z`$
--          and 7 more: they show when these are done
--    why   $x^2$ $$y$$ $`z`$
--    do    $x^2$ $$y$$ $`z`$
$x^2$ $$y$$ $`z`$
````
SELECT 1;

-- 5. BLOCKER mysql.one16
--    - [ ] task [x] done
--    which - [ ] task [x] done
--          x- [ ] task [x] done
--          and 7 more: they show when these are done
--    why   - [ ] task [x] done
--    do    - [ ] task [x] done
- [ ] task [x] done
````
SELECT 1;

-- 6. MAJOR mysql.one01 (could not be looked at)
--    `code` ``two`` ```three ```
--    which `code` ``two`` ```three ```
--          x`code` ``two`` ```three ```
--          and 7 more: they show when these are done
--    why   `code` ``two`` ```three ```
--    do    `code` ``two`` ```three ```
`code` ``two`` ```three
```
````
SELECT 1;

-- 7. MAJOR mysql.one05 (could not be looked at)
--    @org/team @user mail a@b.example
--    which @org/team @user mail a@b.example
--          x@org/team @user mail a@b.example
--          and 7 more: they show when these are done
--    why   @org/team @user mail a@b.example
--    do    @org/team @user mail a@b.example
@org/team @user mail a@b.example
````
SELECT 1;

-- 8. MAJOR mysql.one09 (could not be looked at)
--    - item * item + item 1. item 2) item
--    which - item * item + item 1. item 2) item
--          x- item * item + item 1. item 2) item
--          and 7 more: they show when these are done
--    why   - item * item + item 1. item 2) item
--    do    - item * item + item 1. item 2) item
- item
* item
+ item
1. item
2) item
````
SELECT 1;

-- 9. MAJOR mysql.one13 (could not be looked at)
--    back\slash \* \| \` end\
--    which back\slash \* \| \` end\
--          xback\slash \* \| \` end\
--          and 7 more: they show when these are done
--    why   back\slash \* \| \` end\
--    do    back\slash \* \| \` end\
back\slash \* \| \` end\
````
SELECT 1;

-- 10. MAJOR mysql.one17 (could not be looked at)
--    �:error::from a server �:stop-commands::x ##�error]old 100% %0A a,b:c
--    which �:error::from a server �:stop-commands::x ##�error]old 100% %0A
--          a,b:c
--          x::error::from a server �:stop-commands::x ##�error]old 100% %0A
--          a,b:c
--          and 7 more: they show when these are done
--    why   �:error::from a server �:stop-commands::x ##�error]old 100% %0A
--          a,b:c
--    do    �:error::from a server �:stop-commands::x ##�error]old 100% %0A
--          a,b:c
--    this holds characters that are not shown; write it yourself:
-- �:error::from a server
-- �:stop-commands::x
-- ##�error]old 100% %0A a,b:c
-- ````
-- SELECT 1;

-- 11. MINOR mysql.one02 (optional: it closes nothing)
--    <img src=x onerror=alert(1)> <b>bold</b> &lt; &amp; &#42;
--    which <img src=x onerror=alert(1)> <b>bold</b> &lt; &amp; &#42;
--          x<img src=x onerror=alert(1)> <b>bold</b> &lt; &amp; &#42;
--          and 7 more: they show when these are done
--    why   <img src=x onerror=alert(1)> <b>bold</b> &lt; &amp; &#42;
--    do    <img src=x onerror=alert(1)> <b>bold</b> &lt; &amp; &#42;
--    optional; take the comment sign away to do it:
-- <img src=x onerror=alert(1)> <b>bold</b> &lt; &amp; &#42;
-- ````
-- SELECT 1;

-- 12. MINOR mysql.one06 (optional: it closes nothing)
--    #123 owner/repo#45 GH-67 gh-8
--    which #123 owner/repo#45 GH-67 gh-8
--          x#123 owner/repo#45 GH-67 gh-8
--          and 7 more: they show when these are done
--    why   #123 owner/repo#45 GH-67 gh-8
--    do    #123 owner/repo#45 GH-67 gh-8
--    optional; take the comment sign away to do it:
-- #123 owner/repo#45 GH-67 gh-8
-- ````
-- SELECT 1;

-- 13. MINOR mysql.one10 (optional: it closes nothing)
--    # heading > quote --- === code
--    which # heading > quote --- === code
--          x# heading > quote --- === code
--          and 7 more: they show when these are done
--    why   # heading > quote --- === code
--    do    # heading > quote --- === code
--    optional; take the comment sign away to do it:
-- # heading
-- > quote
-- ---
-- ===
--     code
-- ````
-- SELECT 1;

-- 14. MINOR mysql.one14 (optional: it closes nothing)
--    </summary></details><script>alert(1)</script>
--    which </summary></details><script>alert(1)</script>
--          x</summary></details><script>alert(1)</script>
--          and 7 more: they show when these are done
--    why   </summary></details><script>alert(1)</script>
--    do    </summary></details><script>alert(1)</script>
--    optional; take the comment sign away to do it:
-- </summary></details><script>alert(1)</script>
-- ````
-- SELECT 1;

-- 15. INFO mysql.one03 (could not be looked at) (optional: it closes nothing)
--    <!-- hidden -->
--    which <!-- hidden -->
--          x<!-- hidden -->
--          and 7 more: they show when these are done
--    why   <!-- hidden -->
--    do    <!-- hidden -->
--    optional; take the comment sign away to do it:
-- <!-- hidden -->
-- ````
-- SELECT 1;

-- 16. INFO mysql.one07 (could not be looked at) (optional: it closes nothing)
--    http://evil.example/x www.evil.example ftp://evil.example
--    which http://evil.example/x www.evil.example ftp://evil.example
--          xhttp://evil.example/x www.evil.example ftp://evil.example
--          and 7 more: they show when these are done
--    why   http://evil.example/x www.evil.example ftp://evil.example
--    do    http://evil.example/x www.evil.example ftp://evil.example
--    optional; take the comment sign away to do it:
-- http://evil.example/x www.evil.example ftp://evil.example
-- ````
-- SELECT 1;

-- 17. INFO mysql.one11 (could not be looked at) (optional: it closes nothing)
--    :smile: :+1: 12:100:00
--    which :smile: :+1: 12:100:00
--          x:smile: :+1: 12:100:00
--          and 7 more: they show when these are done
--    why   :smile: :+1: 12:100:00
--    do    :smile: :+1: 12:100:00
--    optional; take the comment sign away to do it:
-- :smile: :+1: 12:100:00
-- ````
-- SELECT 1;

-- 18. INFO mysql.one15 (could not be looked at) (optional: it closes nothing)
--    word : a_b_c snake_case *.* 'u'@'%' 'u'@'localhost'
--    which word : a_b_c snake_case *.* 'u'@'%' 'u'@'localhost'
--          xword : a_b_c snake_case *.* 'u'@'%' 'u'@'localhost'
--          and 7 more: they show when these are done
--    why   word : a_b_c snake_case *.* 'u'@'%' 'u'@'localhost'
--    do    word : a_b_c snake_case *.* 'u'@'%' 'u'@'localhost'
--    optional; take the comment sign away to do it:
-- word : a_b_c snake_case *.* 'u'@'%' 'u'@'localhost'
-- ````
-- SELECT 1;
