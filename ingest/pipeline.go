package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"bdc/order"
	"bdc/store"
)

// pipeline is one pass over messages: the session's goroutine fetches them, workers
// examine them, and one goroutine records them. Its channels have limited capacity, and
// room limits the octets of mail in it.
type pipeline struct {
	in    *Inbox
	stop  context.Context     // done when the inbox has to stop
	ctx   context.Context     // for calls of the store: never cancelled, so that what is fetched is recorded
	room  *semaphore.Weighted // roomOctets, held from before a message is read until it is recorded
	quick bool                // what takes long goes by the lane

	arrived func(order.Mail, int64) // takes a mail that was fetched, and the octets of room that it holds

	mails   chan admitted
	exams   chan chan examined // in the order in which the mails were fetched
	workers sync.WaitGroup
	done    chan struct{} // closed when the recorder has ended

	mu     sync.Mutex
	placed []placed // recorded messages that take has not returned yet
	err    error    // the first error of the store
}

// admitted is a mail on its way to a worker, and the octets of room that it holds. What
// comes of it goes to exam.
type admitted struct {
	mail order.Mail
	room int64
	exam chan examined
}

// examined is an exam on its way to the recorder, with the record's answer to its query
// and the octets of room that its mail holds.
type examined struct {
	exam   *Exam // nil if it takes too long, or if the store has failed
	past   order.Past
	room   int64
	key    order.Key
	sender string
	slow   bool // it takes long
}

// begin starts a pipeline; quick says that what takes long goes by the lane. The caller must
// call finish.
func (in *Inbox) begin(ctx context.Context, workers int, quick bool) *pipeline {
	in.ready()
	p := &pipeline{
		in: in, stop: ctx, ctx: context.WithoutCancel(ctx), room: semaphore.NewWeighted(roomOctets), quick: quick,
		mails: make(chan admitted, workers), exams: make(chan chan examined, commitSize), done: make(chan struct{}),
	}
	p.arrived = func(m order.Mail, octets int64) {
		a := admitted{m, octets, make(chan examined, 1)}
		p.exams <- a.exam
		p.mails <- a
	}
	for range workers {
		p.workers.Go(func() {
			for m := range p.mails {
				done := in.Turns.Quick()
				m.exam <- p.examine(m)
				done()
			}
		})
	}
	go func() {
		defer close(p.done)
		p.record()
	}()
	return p
}

// finish waits until all messages that were fetched are recorded. It joins err and the
// store's first error.
func (p *pipeline) finish(err error) error {
	close(p.mails)
	close(p.exams)
	<-p.done
	p.workers.Wait()
	return errors.Join(err, p.err)
}

// take returns the messages that were recorded since its last call.
func (p *pipeline) take() []placed {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.placed
	p.placed = nil
	return s
}

// fetch marks messages as being examined and fetches them into the pipeline; alone says
// that nothing else is in flight. It marks them first because the program may die while
// it reads one.
func (p *pipeline) fetch(ctx context.Context, s Session, keys []order.Key, alone bool) error {
	if err := p.in.Store.Mark(ctx, p.in.Fence, keys, alone); err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	missing := make(map[order.Key]bool, len(keys))
	for _, k := range keys {
		missing[k] = true
	}
	taken := int64(0) // octets of room acquired for a message that is not delivered yet
	lost, err := s.Fetch(ctx, keys, maxMail, p.in.patience(keys), func(size int64) error {
		p.room.Release(taken) // of what was read and was no message
		taken = 0
		if err := p.room.Acquire(ctx, min(size, roomOctets)); err != nil {
			return err
		}
		taken = min(size, roomOctets)
		return nil
	}, func(m order.Mail) error {
		delete(missing, m.Key)
		if _, was := p.in.losses[m.Key.Plain()]; was {
			delete(p.in.losses, m.Key.Plain())
			p.in.countLost()
		}
		p.arrived(m, taken)
		taken = 0
		return nil
	})
	p.room.Release(taken)
	for _, l := range lost {
		p.in.charge(ctx, l)
	}
	p.in.lost = err != nil && len(lost) > 0
	if len(missing) > 0 { // moved away, left out by the server, or lost with the connection
		left := make([]order.Key, 0, len(missing))
		for k := range missing {
			left = append(left, k)
		}
		if err := p.in.Store.Unmark(p.ctx, p.in.Fence, left); err != nil {
			return fmt.Errorf("release: %w", err)
		}
	}
	if err != nil {
		return fmt.Errorf("fetch: %w", err)
	}
	return nil
}

// examine opens one mail and asks the record about it.
func (p *pipeline) examine(m admitted) examined {
	e := examined{room: m.room, key: m.mail.Key}
	switch {
	case !p.quick:
		e.exam = p.open(m.mail)
	case p.in.lane.size() == 0 || !p.in.lane.holds(p.in.Examiner.senderOf(m.mail)):
		e.exam = p.openQuickly(m.mail)
	}
	if e.exam == nil {
		e.slow, e.sender = p.quick, p.in.Examiner.senderOf(m.mail)
		return e
	}
	e.sender = strings.ToLower(e.exam.Message.From)
	var err error
	if e.past, err = p.ask(e.exam); err != nil {
		p.fail(e, fmt.Errorf("look up the past: %w", err))
		e.exam = nil
	}
	return e
}

// ask returns what the record knows that bears on an exam. If the mail says OK, it first
// looks up what the mail agrees to.
func (p *pipeline) ask(x *Exam) (order.Past, error) {
	if err := p.in.Examiner.ResolveAgreement(p.ctx, x, p.in.Store); err != nil {
		return order.Past{}, err
	}
	return p.in.Store.Past(p.ctx, x.Query)
}

// gatherTime is how long a commit waits for further exams. The last message of a pass, and
// so a single one, does not wait, because the channel is closed after it.
const gatherTime = 50 * time.Millisecond

// record commits exams in batches: the one that comes first, and those that come within
// gatherTime after it. It takes them in the order in which the mails were fetched.
func (p *pipeline) record() {
	batch := make([]examined, 0, commitSize)
	for coming := range p.exams {
		batch = p.gather(batch[:0], <-coming)
		soon := time.NewTimer(gatherTime)
	more:
		for len(batch) > 0 && len(batch) < commitSize {
			select {
			case coming, ok := <-p.exams:
				if !ok {
					break more
				}
				select {
				case e := <-coming:
					batch = p.gather(batch, e)
				case <-soon.C:
					p.commit(batch)
					batch = p.gather(batch[:0], <-coming)
					soon.Reset(gatherTime)
				}
			case <-soon.C:
				break more
			}
		}
		soon.Stop()
		if len(batch) > 0 {
			p.commit(batch)
		}
	}
}

// gather adds to a batch what came of a mail, unless that goes by the lane, or failed.
func (p *pipeline) gather(batch []examined, e examined) []examined {
	if (e.exam != nil || e.slow) && !p.divert(e) {
		return append(batch, e)
	}
	return batch
}

// commit stores the attachments of a batch and then records the batch. If the record has
// changed since a message was judged, the message is judged again and recorded in a
// commit of its own.
func (p *pipeline) commit(batch []examined) {
	err := p.brokenOff()
	if err == nil {
		err = p.in.lookOwner(p.ctx, p.stop)
	}
	if err != nil {
		for _, e := range batch {
			p.fail(e, err)
		}
		return
	}
	var blobs [][]byte
	for _, e := range batch {
		blobs = append(blobs, e.exam.Blobs...)
	}
	if err := p.in.Store.Keep(p.ctx, blobs); err != nil {
		for _, e := range batch {
			p.fail(e, fmt.Errorf("keep attachments: %w", err))
		}
		return
	}
	intakes := make([]order.Intake, len(batch))
	for i, e := range batch {
		intakes[i] = p.judge(e)
	}
	for i, receipt := range p.in.Store.Record(p.ctx, p.in.Fence, intakes) {
		e, intake := batch[i], intakes[i]
		for errors.Is(receipt.Err, store.ErrStale) {
			var err error
			if e.past, err = p.ask(e.exam); err != nil {
				receipt.Err = err
				break
			}
			intake = p.judge(e)
			receipt = p.in.Store.Record(p.ctx, p.in.Fence, []order.Intake{intake})[0]
		}
		if errors.Is(receipt.Err, store.ErrSeen) { // another daemon has recorded it: it only has to be moved
			if err := p.in.Store.Unmark(p.ctx, p.in.Fence, []order.Key{intake.Message.Key}); err != nil {
				receipt.Err = err
			}
		}
		if receipt.Err != nil && !errors.Is(receipt.Err, store.ErrSeen) {
			p.fail(e, fmt.Errorf("record: %w", receipt.Err))
			continue
		}
		p.room.Release(e.room)
		p.mu.Lock()
		p.placed = append(p.placed, placed{intake.Message.Key, intake.Folder})
		p.mu.Unlock()
		if receipt.Err == nil {
			p.in.recorded(intake, receipt)
		}
	}
}

// judge returns the intake of an exam, in shadow mode without its replies.
func (p *pipeline) judge(e examined) order.Intake {
	intake := p.in.Examiner.Judge(e.exam, e.past, p.in.Clock().UTC())
	if p.in.Shadow {
		intake.Replies = nil
	}
	return intake
}

// failed reports whether the store has failed.
func (p *pipeline) failed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err != nil
}

// brokenOff returns the first error if the inbox has to stop: what failed then would fail again,
// and take its time once more.
func (p *pipeline) brokenOff() error {
	if p.stop.Err() == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// forgive returns the first error of the store, and forgets it.
func (p *pipeline) forgive() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.err
	p.err = nil
	return err
}

// fail notes an error of the store. The message of e is not recorded; it stays in the
// mailbox, where the next search finds it again.
func (p *pipeline) fail(e examined, err error) {
	p.room.Release(e.room)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = err
	}
}

// placed is a recorded message and the folder that it is to be moved to.
type placed struct {
	key    order.Key
	folder order.Folder
}

// move moves recorded messages to their folders. If we crash before the move, the next
// start finds the messages recorded already and only moves them. After a move that
// failed, the next search does the same. Whether the server refused the move or the
// connection is lost is seen by the session's next call.
func (in *Inbox) move(ctx context.Context, s Session, done []placed) {
	if in.Shadow || len(done) == 0 {
		return
	}
	var refused error
	for _, folder := range []order.Folder{order.FolderProcessed, order.FolderRejected, order.FolderAttention} {
		var keys []order.Key
		for _, d := range done {
			if d.folder == folder {
				keys = append(keys, d.key)
			}
		}
		for set := range slices.Chunk(keys, moveSize) {
			if err := s.Move(ctx, set, in.Folders[folder]); err != nil {
				refused = fmt.Errorf("move to %q: %w", in.Folders[folder], err)
				break
			}
			in.health.update(func(st *State) { st.Unmoved -= len(set) })
		}
	}
	in.unmoved = refused
	in.told = in.told && refused != nil
}

// recorded logs a message that is now recorded, and calls in.Recorded.
func (in *Inbox) recorded(intake order.Intake, receipt store.Receipt) {
	in.health.update(func(st *State) { st.Backlog--; st.Unmoved++ })
	var cases []string
	for _, c := range intake.Cases {
		cases = append(cases, c.Code)
	}
	for _, c := range intake.Continued {
		cases = append(cases, c.Case)
	}
	in.Log.Info("recorded", "uid", intake.Message.Key.UID, "message", intake.Message.MessageID,
		"folder", in.Folders[intake.Folder], "orders", receipt.Numbers, "cases", cases)
	if in.Recorded != nil {
		in.Recorded(intake, receipt)
	}
}
