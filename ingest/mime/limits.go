package mime

import (
	"strconv"

	"bdc/order"
)

// Limits bounds how much of one message is read. Every field must be set, since zero does
// not stand for a default: start from DefaultLimits.
type Limits struct {
	Depth        int // multiparts and messages within each other
	Parts        int // parts of every kind, the message itself included
	HeaderBytes  int // octets of one header, of the message or of a part
	HeaderFields int // fields of one header
	Forwarded    int // messages within messages
	Attachments  int // files kept, inline images not counted
	TextBytes    int // bytes of Message.Text
}

// DefaultLimits returns the limits that the daemon works with.
func DefaultLimits() Limits {
	return Limits{
		Depth:        20,
		Parts:        200,
		HeaderBytes:  256 << 10,
		HeaderFields: 500,
		Forwarded:    5,
		Attachments:  10,
		TextBytes:    64 << 10,
	}
}

// The findings of Message.Trouble.
const (
	codeDepth       order.Code = "message.limit.depth"
	codeParts       order.Code = "message.limit.parts"
	codeHeader      order.Code = "message.limit.header"
	codeFields      order.Code = "message.limit.fields"
	codeForwarded   order.Code = "message.limit.forwarded"
	codeAttachments order.Code = "message.limit.attachments"
)

// limitMet adds the finding that a limit was exceeded, unless there is one already. It
// holds the message, since only a person can look at what was not read.
func (m *Message) limitMet(code order.Code, limit int) {
	for _, f := range m.Trouble {
		if f.Code == code {
			return
		}
	}
	m.Trouble = append(m.Trouble, order.Finding{
		Code:     code,
		Severity: order.Hold,
		Args:     map[string]string{"limit": strconv.Itoa(limit)},
	})
}
