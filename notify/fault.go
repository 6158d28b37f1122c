package notify

import (
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
)

// Fault says what caused a failed attempt. What is tried again, and when, depends on it.
type Fault int

// The faults. An attempt about whose failure nothing is known is Temporary.
const (
	Temporary  Fault = iota // the reply is tried again later
	Permanent               // the reply is never tried again
	Connection              // it is not the reply's fault: the whole outbox waits
)

// Step says how far an attempt to send a mail had come when it failed.
type Step string

// The steps of an attempt, in order.
const (
	Connect Step = "connect" // dialling, TLS, EHLO and AUTH
	Mail    Step = "MAIL"
	Rcpt    Step = "RCPT"
	Data    Step = "DATA"      // the command and the bytes
	Dot     Step = "final dot" // from here on, the server may have taken the mail even if it did not answer
)

// Error is a failed attempt to send a mail.
type Error struct {
	Step     Step
	Code     int    // the server's reply code, or 0 where there was no answer
	Enhanced string // its enhanced code (RFC 3463), or ""
	Words    string // the rest of the answer, or what happened to the connection
	Err      error  // what happened to the connection, or nil
}

// Error returns the step and the answer on one line.
func (e *Error) Error() string {
	if e.Code == 0 {
		return fmt.Sprintf("%s: %s", e.Step, e.Words)
	}
	return fmt.Sprintf("%s: %s", e.Step, e.Answer())
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Answer is the server's answer on one line: code, enhanced code and words. If there was
// no answer, it is what happened instead.
func (e *Error) Answer() string {
	switch {
	case e.Code == 0:
		return e.Words
	case e.Enhanced == "":
		return fmt.Sprintf("%d %s", e.Code, e.Words)
	default:
		return fmt.Sprintf("%d %s %s", e.Code, e.Enhanced, e.Words)
	}
}

// Fault returns whose fault the error is, by the rules of the package comment.
func (e *Error) Fault() Fault {
	switch {
	case e.Step == Connect || e.Step == Mail || e.concernsUs():
		return Connection
	case e.Code >= 500 && !strings.HasPrefix(e.Enhanced, "4."):
		return Permanent
	default:
		return Temporary
	}
}

// unauthenticated reports whether the server wants other credentials than ours
// (RFC 4954, 6), or another sender than those allow. Of the enhanced codes, 5.7.30,
// 5.7.57 and 5.7.60 are Exchange Online's: basic authentication switched off, not
// authenticated, and not allowed to send as this sender.
func (e *Error) unauthenticated() bool {
	if slices.Contains([]int{530, 534, 535, 538}, e.Code) {
		return true
	}
	_, detail, _ := strings.Cut(e.Enhanced, ".")
	return slices.Contains([]string{"7.8", "7.9", "7.11", "7.30", "7.57", "7.60"}, detail)
}

// lost reports whether the connection can no longer be used: the server did not answer, or
// its answer announced the end of the connection (RFC 5321, 3.8).
func (e *Error) lost() bool { return e.Code == 0 || e.Code == 421 }

// FaultOf returns the fault of any error that Conn.Send returns.
func FaultOf(err error) Fault {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Fault()
	}
	return Temporary
}

var enhancedCode = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}(\s|$)`)

// wordsLimit is how many characters of a server's answer are kept.
const wordsLimit = 500

// newError makes an Error of what go-mail's client returned at a step.
func newError(step Step, err error) *Error {
	answer, ok := errors.AsType[*textproto.Error](err)
	if !ok {
		return &Error{Step: step, Words: clean(err.Error(), wordsLimit), Err: err}
	}
	e := &Error{Step: step, Code: answer.Code, Words: answer.Msg}
	if code := enhancedCode.FindString(e.Words); code != "" {
		e.Words = e.Words[len(code):]
		e.Enhanced = strings.TrimSpace(code)
		// Each line of a longer answer repeats the code (RFC 2034, 4).
		e.Words = strings.ReplaceAll(e.Words, "\n"+e.Enhanced+" ", "\n")
	}
	e.Words = clean(e.Words, wordsLimit)
	return e
}
