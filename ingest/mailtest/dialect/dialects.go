package dialect

import (
	"fmt"
	"regexp"
	"strings"
)

// replace returns a Say that replaces what a pattern finds in a line.
func replace(pattern, with string) func(string) string {
	p := regexp.MustCompile(pattern)
	return func(line string) string { return p.ReplaceAllString(line, with) }
}

// drop returns a Say that leaves out lines in which a pattern is found.
func drop(pattern string) func(string) string {
	p := regexp.MustCompile(pattern)
	return func(line string) string {
		if p.MatchString(line) {
			return ""
		}
		return line
	}
}

// refuse returns an Answer that refuses commands that begin in such a way.
func refuse(command, answer string) func(*Server, string) string {
	return func(_ *Server, c string) string {
		if strings.HasPrefix(strings.ToUpper(c), command) {
			return "TAG " + answer + "\r\n"
		}
		return ""
	}
}

// fetched returns an Answer that answers the fetching of whole messages by one line for each.
func fetched(line func(number int, m Message) string) func(*Server, string) string {
	return func(s *Server, command string) string {
		if !strings.HasPrefix(command, "UID FETCH") || !strings.Contains(command, "BODY.PEEK[]") {
			return ""
		}
		answer := ""
		for i, m := range s.Folder("INBOX") {
			if in(strings.Fields(command)[2], m.UID) {
				answer += line(i+1, m) + "\r\n"
			}
		}
		return answer + "TAG OK done\r\n"
	}
}

const (
	mailKit = "https://github.com/jstedfast/MailKit/issues/"
	defects = "https://github.com/modern-email/defects/issues/"
	github  = "https://github.com/"
)

// All returns the dialects, each of which a server that one has to live with speaks, or spoke.
func All() []Dialect {
	noMove := "IMAP4rev1 AUTH=PLAIN UIDPLUS IDLE NAMESPACE"
	copied := func(code string) func(*Server, string) string {
		return func(s *Server, c string) string {
			if !strings.HasPrefix(c, "UID COPY") || !s.has("Trait&AOk-es") {
				return ""
			}
			words := strings.SplitN(c, " ", 4)
			x := &session{Server: s, folder: "INBOX"}
			x.move(false, words[2], strings.Trim(words[3], `"`))
			return strings.ReplaceAll(code, "SET", words[2])
		}
	}
	return []Dialect{
		{Name: "polite"},

		// SELECT
		{Name: "Gmail, brackets in keywords", Source: mailKit + "193", Say: replace(
			`^\* FLAGS \(`, `* FLAGS (OIB-Seen-[Gmail]/All Mail OIB-Seen-[Gmail]/Spam `)},
		{
			Name: "Gmail, brackets in permanent keywords", Source: github + "ruby/net-imap/issues/241",
			Say: replace(`PERMANENTFLAGS \(`, `PERMANENTFLAGS (OIB-Seen-[Gmail]/Important [Gmail] `),
		},
		{
			Name: "keywords in UTF-8 and with punctuation", Source: github + "modoboa/modoboa/pull/4207",
			Say: replace(`^\* FLAGS \(`, `* FLAGS (Café Important! "Perso/Travail" {}`),
		},
		{Name: "flags as a code", Source: mailKit + "1589", Say: replace(`\[PERMANENTFLAGS.*`, `[Flags Flags] ok`)},
		{Name: "UIDVALIDITY 0", Source: defects + "52", Say: replace(`UIDVALIDITY 7`, `UIDVALIDITY 0`)},
		{
			Name: "no UIDVALIDITY in SELECT", Source: github + "chatmail/core/issues/1577",
			Say: drop(`^\* OK \[UIDVALIDITY`),
		},
		{Name: "no UIDNEXT", Source: github + "mscdex/node-imap/issues/638", Say: drop(`UIDNEXT 8`)},
		{Name: "Gmail, no text after a code", Source: defects + "28", Say: replace(
			`^(\* OK \[UIDNEXT \d+\]).*`, "$1\r\n* OK [HIGHESTMODSEQ 9195383]")},
		{Name: "QQ, UNSEEN without text", Source: mailKit + "225", Say: replace(`^\* 0 RECENT`, `* OK [UNSEEN 27]`)},
		{
			Name: "DavMail, two spaces", Source: github + "python/cpython/issues/117152",
			Say: replace(`^\* (\d+) (EXISTS|RECENT)`, `*  $1  $2`),
		},
		{
			Name: "163.com, opens nothing before ID", Source: github + "emersion/go-imap/issues/524",
			Caps: usualCaps + " ID", Answer: func(s *Server, c string) string {
				switch {
				case strings.HasPrefix(c, "ID "):
					s.Once("ID")
					return "* ID NIL\r\nTAG OK\r\n"
				case strings.HasPrefix(c, "SELECT") && s.Once("ID"):
					s.forget("ID")
					return "TAG NO SELECT Unsafe Login. Please contact kefu@188.com for help\r\n"
				}
				return ""
			},
		},
		{
			Name: "mail.de, has ID and refuses it", Source: github + "bkaankose/Wino-Mail/issues/263",
			Caps: usualCaps + " ID", Answer: refuse("ID", "BAD invalid command"),
		},
		{Name: "mail.ru, no text after OK", Source: github + "pimalaya/himalaya/issues/649", Say: replace(
			`^(\w+ OK) done$`, "$1")},

		// Signing in, naming
		{
			Name: "public-inbox, + without a space", Source: defects + "7",
			Say: func(line string) string { return strings.TrimSpace(line) },
		},
		{
			Name: "Office 365, PLAIN refused and LOGIN not", Source: mailKit + "908",
			Answer: refuse("AUTHENTICATE", "NO AUTHENTICATE failed."),
		},
		{Name: "QQ, IMAP4REV1", Source: mailKit + "233", Caps: "IMAP4REV1 AUTH=PLAIN ID UIDPLUS MOVE NAMESPACE"},
		{
			Name: "capabilities in lower case", Source: github + "Cocoanetics/SwiftMail/pull/208",
			Caps: "imap4rev1 auth=plain uidplus move idle",
		},
		{
			Name: "mail.ru, nil", Source: github + "duesee/imap-codec/issues/700",
			Say: replace(`"/"\)\) NIL NIL`, `"/")) nil nil`),
		},
		{
			Name: "NAMESPACE refused", Source: github + "modern-email/defects/issues/16",
			Answer: refuse("NAMESPACE", "BAD no"),
		},
		{Name: "Inbox", Source: defects + "8", Say: replace(`"INBOX"`, `Inbox`)},
		{
			Name: "names with spaces, not quoted", Source: github + "mjs/imapclient/pull/223",
			Say: replace(`^(\* LIST \([^)]*\) "/") "([^"]+)"`, "$1 $2"),
		},
		{Name: "163.com, an empty STATUS", Source: defects + "15", Say: replace(`^(\* STATUS .*)\(.*`, "$1()")},

		// SEARCH
		{Name: "UID 0", Source: github + "rnwood/smtp4dev/issues/2116", Say: replace(`^\* SEARCH`, "* SEARCH 0")},
		{Name: "a space after SEARCH", Source: defects + "26", Say: replace(`^(\* SEARCH.*)`, "$1 ")},
		{
			Name: "GreenMail, an empty SEARCH with a space", Source: github + "djc/imap-proto/issues/34",
			Say: replace(`^\* SEARCH$`, "* SEARCH "),
		},
		{
			Name: "iCloud, no SEARCH for none", Source: github + "Wh1isper/mcp-email-server/pull/237",
			Say: drop(`^\* SEARCH$`),
		},
		{
			Name: "SEARCH in several lines", Source: github + "home-assistant/core/pull/181749",
			Say: replace(`^\* SEARCH (\d+) (\d+)`, "* SEARCH $1\r\n* SEARCH $2"),
		},
		{Name: "ESEARCH for SEARCH", Source: mailKit + "323", Say: replace(
			`^\* SEARCH (\d+) (\d+) (\d+)$`, `* ESEARCH (TAG "A1") UID ALL $1,$2:$3 (MODSEQ 284535)`)},
		{
			Name: "words about the search", Source: github + "moralmunky/Home-Assistant-Mail-And-Packages/pull/1265",
			Say: replace(`^(\* SEARCH .*)`, "$1 completed (took 237 ms)"),
		},
		{
			Name: "SEARCH refused", Source: github + "smiley22/S22.Imap/issues/4",
			Answer: refuse("UID SEARCH", "BAD Could not parse command"),
		},

		// FETCH
		{
			Name: "QQ, a space before the end", Source: github + "jakartaee/mail-api/issues/209",
			Say: replace(`(?s)^(\* \d+ FETCH .*)\)$`, "$1 )"),
		},
		{Name: "Domino, lists in lists", Source: mailKit + "943", Say: replace(
			`^(\* \d+ FETCH \(UID \d+) (.*)\)$`, "$1 ($2))")},
		{Name: "Domino, 00-Jan-0000", Source: mailKit + "1236", Say: replace(
			`INTERNALDATE "[^"]*"`, `INTERNALDATE "00-Jan-0000 00:00:00 +0000"`)},
		{
			Name: "the date of mail for INTERNALDATE", Source: github + "scanner/asimap/pull/458",
			Say: replace(`INTERNALDATE "(..)-(...)-(....) `, `INTERNALDATE "$1 $2 $3 `),
		},
		{
			Name: "no leading space in INTERNALDATE", Source: github + "apple/swift-nio-imap/pull/735",
			Say: replace(`INTERNALDATE "[ 0]`, `INTERNALDATE "`),
		},
		{
			Name: "no INTERNALDATE", Source: github + "rtucker/imap2maildir/pull/28",
			Say: replace(` INTERNALDATE "[^"]*"`, ""),
		},
		{
			Name: "INTERNALDATE NIL", Source: github + "thunderbird/thunderbird-android/issues/1819",
			Say: replace(`INTERNALDATE "[^"]*"`, "INTERNALDATE NIL"),
		},
		{
			Name: "a zone of 99 hours", Source: github + "thunderbird/thunderbird-android/issues/8714",
			Say: replace(`(INTERNALDATE "[^"]*) [+-]\d+"`, `$1 +9900"`),
		},
		{
			Name: "hMailServer, RFC822.SIZE too small", Source: github + "hmailserver/hmailserver/issues/476",
			Say: replace(`RFC822.SIZE \d+`, "RFC822.SIZE 29"),
		},
		{
			Name: "no RFC822.SIZE", Source: github + "mailpile/Mailpile/issues/1080",
			Say: replace(` RFC822.SIZE \d+`, ""),
		},
		{
			Name: "GreenMail, RFC822.SIZE 0", Source: github + "greenmail-mail-test/greenmail/issues/967",
			Say: replace(`RFC822.SIZE \d+`, "RFC822.SIZE 0"),
		},
		{Name: "mail.ru, a size as a power of ten", Source: mailKit + "1838", Say: replace(
			`RFC822.SIZE \d+`, "RFC822.SIZE 9.3736e+06")},
		{
			Name: "RFC822.SIZE too large, and parts sent whole", Source: github + "hmailserver/hmailserver/issues/334",
			Say: replace(`RFC822.SIZE \d+`, "RFC822.SIZE 99000000"),
		},
		{
			Name: "Exchange, no UID", Source: github + "OfflineIMAP/offlineimap/issues/62",
			Say: replace(`(FETCH \()UID \d+ (BODY)`, "$1$2"),
		},
		{
			Name: "UID last", Source: mailKit + "954", Answer: fetched(func(n int, m Message) string {
				return fmt.Sprintf("* %d FETCH (BODY[] {%d+}\r\n%s UID %d)", n, len(m.Raw), m.Raw, m.UID)
			}),
		},
		{
			Name: "Xeams, closes too early", Source: github + "paperless-ngx/paperless-ngx/issues/13412",
			Answer: fetched(func(n int, m Message) string {
				return fmt.Sprintf("* %d FETCH (UID %d BODY[] {%d}\r\n%s) FLAGS (\\Seen) RFC822.SIZE %d)\r\n FLAGS ()",
					n, m.UID,
					len(m.Raw), m.Raw, len(m.Raw))
			}),
		},
		{
			Name: "mail.ru, a structure with nil", Source: github + "kisli/vmime/issues/159",
			Answer: fetched(func(n int, m Message) string {
				return fmt.Sprintf("* %d FETCH (BODYSTRUCTURE ((\"text\" \"plain\" (\"charset\" \"utf-8\") "+
					"NIL NIL \"8bit\" 536 0) "+
					"\"alternative\" (\"boundary\" NIL)) UID %d BODY[] {%d}\r\n%s)", n, m.UID, len(m.Raw), m.Raw)
			}),
		},
		{
			Name: "iCloud, quotes in an envelope", Source: github + "MailCore/mailcore2/issues/1967",
			Answer: fetched(func(n int, m Message) string {
				return fmt.Sprintf("* %d FETCH (UID %d BODY[] {%d}\r\n%s ENVELOPE (NIL \"<a\"b\"@c>\"))",
					n, m.UID, len(m.Raw), m.Raw)
			}),
		},
		{
			Name: "a message among lines of no use", Source: github + "mjs/imapclient/issues/351",
			Answer: fetched(func(n int, m Message) string {
				return fmt.Sprintf(" Still here\r\nhere\r\n* %d FETCH (FLAGS (\\Seen))\r\n* OK Still here\r\n"+
					"* %[1]d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n* XUNKNOWN (((\r\n* 99 EXISTS",
					n, m.UID, len(m.Raw), m.Raw)
			}),
		},
		{
			Name: "messages one by one alone", Source: mailKit + "358", Answer: func(_ *Server, c string) string {
				if strings.HasPrefix(c, "UID FETCH") && strings.ContainsAny(strings.Fields(c)[2], ",:") {
					return "TAG NO FETCH Server error while fetching messages\r\n"
				}
				return ""
			},
		},

		// MOVE, COPY, IDLE
		{Name: "Exchange 2013, a bare COPYUID", Source: github + "ruby/net-imap/issues/250", Say: replace(
			`^\* OK (\[COPYUID [^\]]*\]).*`, "$1")},
		{
			Name: "Outlook.com, COPYUID of nothing", Source: mailKit + "555",
			Say: replace(`COPYUID 9 \S+ \S+\]`, "COPYUID 14  ]"),
		},
		{
			Name: "COPYUID with *", Source: github + "emersion/go-imap/issues/749",
			Say: replace(`COPYUID 9 (\S+) \S+\]`, "COPYUID 9 $1 100:*]"),
		},
		{
			Name: "MOVE announced and refused", Source: github + "domainaware/parsedmarc/pull/671",
			Answer: refuse("UID MOVE", "BAD MOVE not supported"),
		},
		{
			Name: "UID EXPUNGE announced and refused", Source: github + "domainaware/parsedmarc/pull/671", Caps: noMove,
			Answer: refuse("UID EXPUNGE", "BAD Unknown command"),
		},
		{Name: "no MOVE", Source: github + "DirectoryTree/ImapEngine/issues/38", Caps: noMove},
		{
			Name: "Domino, an empty answer to COPY", Source: github + "Webklex/php-imap/issues/480", Caps: noMove,
			Answer: copied("TAG OK COPY completed\r\n"),
		},
		{
			Name: "UIDVALIDITY 0 in COPYUID", Source: mailKit + "240", Caps: noMove,
			Answer: copied("TAG OK [COPYUID 0 SET SET] UID COPY completed\r\n"),
		},
		{
			Name: "Cyrus, COPYUID before OK", Source: github + "cyrusimap/cyrus-imapd/issues/2114", Caps: noMove,
			Answer: copied("* OK [COPYUID 1304109194 SET SET] Completed\r\nTAG OK Completed\r\n"),
		},
		{
			Name: "IDLE announced and refused", Source: github + "emailjs/emailjs-imap-client/issues/86",
			Answer: refuse("IDLE", "BAD Could not parse command"),
		},
		{
			Name: "Outlook, news before +", Source: github + "Webklex/php-imap/issues/258",
			Say: replace(`^\+ idling`, "* 0 EXISTS\r\n* 0 RECENT\r\n+ IDLE accepted, awaiting DONE command."),
		},
	}
}

// has reports whether a folder is there.
func (s *Server) has(folder string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, there := s.folders[folder]
	return there
}

// forget makes Once true again.
func (s *Server) forget(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.said, name)
}
