package ingest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"bdc/ingest/mime"
	"bdc/order"
	"bdc/store"
)

// After a record was restored from a copy, or has claimed its inbox, it does not know what
// happened since the copy was made. But the mailbox does: messages that were dealt with lie
// in our folders, and the folder of the copies of our replies has what was answered. Before
// the inbox goes on, it lists all that (see store.Restored): order numbers go on above all
// that were given, and each message that the record does not know becomes a case
// « À reprendre ». The messages stay where they are.
//
// A crash meanwhile loses nothing: the next session lists again, and passes over what is
// recorded by then.

// Bounds of a listing.
const (
	listingMargin  = 31 * 24 * time.Hour // before the copy's moment: mail may have waited that long
	listingSet     = 500                 // messages whose headers are asked for in one go
	maxNewMillions = 1000                // millions of numbers beyond the record's own that are believed
	maxLost        = 20_000              // replies listed that the record does not know
)

// FolderReader is an open connection to a folder of the mailbox that is only read. Its
// methods are those of Session.
type FolderReader interface {
	Pending(ctx context.Context) ([]order.Key, error)
	Fetch(ctx context.Context, keys []order.Key, limit int64, patience time.Duration, admit func(size int64) error,
		deliver func(order.Mail) error) (lost []order.Lost, err error)
	Headers(ctx context.Context, keys []order.Key, patience time.Duration,
		deliver func(order.Mail) error) (lost []order.Lost, err error)

	Close() error
}

// Listing is what an Inbox needs to list folders after a restore. All fields but Sent and
// Done are required.
type Listing struct {
	// Store is the record.
	Store ListingStore

	// Open opens a folder of the mailbox, by its configured name, for reading only. It
	// returns nil if there is no such folder. Messages received before since are left out;
	// a zero since leaves out none. Whoever called Open closes the reader.
	Open func(ctx context.Context, folder string, since time.Time) (FolderReader, error)

	Inbox string // the configured name of the inbox

	// Done, if not nil, is called once the folders are listed. It must not block.
	Done func()

	// Sent returns the name of the folder that has copies of our replies; "" for none.
	Sent func(ctx context.Context) (string, error)
}

// ListingStore is the part of the store that a listing needs.
type ListingStore interface {
	store.Intake
	store.Owner
	Case(ctx context.Context, code string) (order.Case, error)
	Message(ctx context.Context, key order.Key) (order.Message, error)
}

// listing is one run through the folders.
type listing struct {
	*Listing
	in      *Inbox
	owned   store.Ownership
	since   time.Time
	copies  map[string][]store.LostReply // by the Message-ID that they answer: those that the record does not know
	highest uint64                       // the highest million of a number that a copy tells
	taken   int                          // messages that have become cases
	matched map[string]bool              // Message-IDs of the messages that have become cases
}

// mayList reports whether the mailbox names the record, so that its folders may be listed.
func (in *Inbox) mayList() bool {
	return in.Listing != nil && (in.Owner == nil || in.Owner.Owned())
}

// list lists the folders if the record has to: if its doubt is store.Restored.
func (in *Inbox) list(ctx context.Context) error {
	if !in.mayList() {
		return nil
	}
	owned, err := in.Listing.Store.Ownership(ctx)
	if err != nil || owned.Doubt != store.Restored {
		return err
	}
	l := listing{
		Listing: in.Listing, in: in, owned: owned, copies: map[string][]store.LostReply{}, matched: map[string]bool{},
	}
	if !owned.CopiedAt.IsZero() {
		l.since = owned.CopiedAt.Add(-listingMargin)
	}
	in.Log.Info("the record was restored: the folders are looked through")
	if err := l.run(ctx); err != nil {
		return fmt.Errorf("look through the folders after a restore: %w", err)
	}
	in.Log.Info("the folders are looked through: orders get numbers again", "messages", l.taken)
	if in.Listing.Done != nil {
		in.Listing.Done()
	}
	return nil
}

func (l *listing) run(ctx context.Context) error {
	if err := l.readCopies(ctx); err != nil {
		return err
	}
	if err := l.raise(ctx); err != nil {
		return err
	}
	for _, folder := range []order.Folder{order.FolderProcessed, order.FolderRejected, order.FolderAttention} {
		if err := l.folder(ctx, l.in.Folders[folder], folder, false); err != nil {
			return err
		}
	}
	// A message that was answered may still be in the inbox: to be taken for new, it would
	// have to be one that nobody has answered.
	if err := l.folder(ctx, l.Inbox, order.FolderAttention, true); err != nil {
		return err
	}
	return l.Store.Listed(ctx, store.Listing{Actor: "bdc", At: l.in.Clock().UTC(), Lost: l.lostReplies()})
}

// open opens a folder, and returns the keys of its messages since the copy's moment. The
// reader is nil if there is no such folder.
func (l *listing) open(ctx context.Context, name string) (FolderReader, []order.Key, error) {
	r, err := l.Open(ctx, name, l.since)
	if err != nil || r == nil {
		return nil, nil, err
	}
	keys, err := r.Pending(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, r.Close())
	}
	return r, keys, nil
}

// readCopies reads what the copies of our replies tell.
func (l *listing) readCopies(ctx context.Context) error {
	if l.Sent == nil {
		return nil
	}
	name, err := l.Sent(ctx)
	if err != nil || name == "" {
		return err
	}
	r, keys, err := l.open(ctx, name)
	if err != nil || r == nil {
		return err
	}
	defer r.Close()
	for set := range slices.Chunk(keys, listingSet) {
		var headers []*mime.Message
		_, err := r.Headers(ctx, set, 0, func(mail order.Mail) error {
			if m, err := mime.ReadHeader(mail.Raw, l.in.Examiner.Mime); err == nil && l.ours(m) {
				headers = append(headers, m)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, m := range headers {
			if err := l.readCopy(ctx, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// ours reports whether a message in the folder of the copies is a reply of ours.
func (l *listing) ours(m *mime.Message) bool {
	return slices.Contains(l.in.Examiner.OwnAddresses, m.From) && len(m.Values(order.ResultsField)) > 0
}

// readCopy takes the numbers out of the copy of a reply, and keeps what it tells if the
// record does not know the reply.
func (l *listing) readCopy(ctx context.Context, m *mime.Message) error {
	told := order.ParseTold(strings.Join(m.Values(order.ResultsField), ","))
	for _, t := range told {
		if million, ok := millionOf(t.Number); ok && million <= l.owned.Restores+maxNewMillions {
			l.highest = max(l.highest, million)
		}
	}
	past, err := l.Store.Past(ctx, order.Query{OriginalIDs: []string{m.MessageID}})
	if err != nil || past.Answered.Reply != 0 {
		return err
	}
	c := store.LostReply{MessageID: m.MessageID, Subject: m.Subject, Date: m.Date, Told: told}
	if len(m.To) > 0 {
		c.To = m.To[0]
	}
	l.copies[m.InReplyTo] = append(l.copies[m.InReplyTo], c)
	return nil
}

// millionOf returns how many whole millions are below an order's number.
func millionOf(number string) (uint64, bool) {
	rank, err := strconv.ParseUint(number[strings.LastIndexByte(number, '-')+1:], 10, 64)
	return rank / store.RestoreSpan, err == nil
}

// raise makes order numbers go on above every million in which a number was given.
func (l *listing) raise(ctx context.Context) error {
	if l.highest < l.owned.Restores {
		return nil
	}
	return l.Store.RaiseRestores(ctx, l.highest+1)
}

// folder takes up the messages of a folder that the record does not know; answered says
// that only those are meant that we have answered.
func (l *listing) folder(ctx context.Context, name string, lies order.Folder, answered bool) error {
	r, keys, err := l.open(ctx, name)
	if err != nil || r == nil {
		return err
	}
	defer r.Close()
	for set := range slices.Chunk(keys, listingSet) {
		unknown, err := l.unknown(ctx, r, set, answered)
		if err != nil {
			return fmt.Errorf("folder %q: %w", name, err)
		}
		for _, key := range unknown {
			if err := l.takeUp(ctx, r, key, lies); err != nil {
				return fmt.Errorf("folder %q: message %d: %w", name, key.UID, err)
			}
		}
	}
	return nil
}

// unknown returns which messages the record knows neither by their keys nor by their
// headers.
func (l *listing) unknown(
	ctx context.Context, r FolderReader, keys []order.Key, answered bool,
) ([]order.Key, error) {
	seen, err := l.Store.Seen(ctx, keys)
	if err != nil {
		return nil, err
	}
	for key := range seen { // cases of a listing that broke off
		m, err := l.Store.Message(ctx, key)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		l.matched[m.MessageID] = true
	}
	keys = slices.DeleteFunc(slices.Clone(keys), func(k order.Key) bool { _, ok := seen[k]; return ok })
	ids := map[order.Key]store.HeaderID{}
	_, err = r.Headers(ctx, keys, 0, func(mail order.Mail) error {
		id := store.HeaderID{Hash: mime.HeaderHash(mail.Raw)}
		if m, err := mime.ReadHeader(mail.Raw, l.in.Examiner.Mime); err == nil {
			id.MessageID = m.MessageID
		}
		if !answered || id.MessageID != "" && len(l.copies[id.MessageID]) > 0 {
			ids[mail.Key] = id
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	keys = slices.DeleteFunc(keys, func(k order.Key) bool { _, ok := ids[k]; return !ok })
	list := make([]store.HeaderID, len(keys))
	for i, k := range keys {
		list[i] = ids[k]
	}
	known, err := l.Store.Known(ctx, list)
	if err != nil {
		return nil, err
	}
	var unknown []order.Key
	for i, k := range keys {
		if !known[i] {
			unknown = append(unknown, k)
		}
	}
	return unknown, nil
}

// takeUp makes a message a case, unless the record knows its content. It marks the message
// first, because the program may die of it, as it may have died before.
func (l *listing) takeUp(ctx context.Context, r FolderReader, key order.Key, lies order.Folder) error {
	if l.in.suspects[key] >= maxDeaths {
		return l.record(ctx, func(bool) order.Intake {
			return unexaminedTakeUp(key, l.in.Clock().UTC(), lies)
		})
	}
	if err := l.Store.Mark(ctx, l.in.Fence, []order.Key{key}, true); err != nil {
		return err
	}
	var x *Exam
	_, err := r.Fetch(ctx, []order.Key{key}, maxMail, 0, func(int64) error { return nil }, func(mail order.Mail) error {
		x = l.in.Examiner.Open(mail)
		return nil
	})
	if err == nil && x != nil {
		err = l.take(ctx, x, lies)
	}
	// The mark of a message that has become no case, because it is gone or known, is taken off.
	return errors.Join(err, l.Store.Unmark(context.WithoutCancel(ctx), l.in.Fence, []order.Key{key}))
}

// take records the case of a message that was examined.
func (l *listing) take(ctx context.Context, x *Exam, lies order.Folder) error {
	past, err := l.Store.Past(ctx, TakeUpQuery(x))
	if err != nil || past.Earlier != nil {
		return err
	}
	copies := l.copies[x.Message.MessageID]
	if x.Message.MessageID == "" {
		copies = nil
	}
	slices.SortStableFunc(copies, func(a, b store.LostReply) int { return a.Date.Compare(b.Date) })
	var told [][]order.Told
	for _, c := range copies {
		told = append(told, c.Told)
	}
	if err := l.Store.Keep(ctx, x.Blobs); err != nil {
		return err
	}
	l.matched[x.Message.MessageID] = true
	return l.record(ctx, func(again bool) order.Intake {
		if again {
			told = withoutCases(told)
		}
		return l.in.Examiner.TakeUp(x, past, l.in.Clock().UTC(), lies, told)
	})
}

// record records an intake. If a case has a code already, the intake is made again.
func (l *listing) record(ctx context.Context, intake func(again bool) order.Intake) error {
	for again := false; ; again = true {
		in := intake(again)
		receipt := l.Store.Record(ctx, l.in.Fence, []order.Intake{in})[0]
		switch {
		case errors.Is(receipt.Err, store.ErrStale) && !again:
			continue
		case errors.Is(receipt.Err, store.ErrSeen):
			return nil
		case receipt.Err != nil:
			return receipt.Err
		}
		l.taken++
		delete(l.in.suspects, in.Message.Key)
		if l.in.Recorded != nil {
			l.in.Recorded(in, receipt)
		}
		return nil
	}
}

// lostReplies are the replies that the record does not know and that no case tells of: what
// people, and the program about messages that are known, answered since the copy was made.
func (l *listing) lostReplies() []store.LostReply {
	var lost []store.LostReply
	for _, id := range slices.Sorted(maps.Keys(l.copies)) {
		if l.matched[id] && id != "" {
			continue
		}
		for _, c := range l.copies[id] {
			if len(lost) == maxLost {
				return lost
			}
			lost = append(lost, c)
		}
	}
	slices.SortStableFunc(lost, func(a, b store.LostReply) int { return a.Date.Compare(b.Date) })
	return lost
}
