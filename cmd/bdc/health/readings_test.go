package health

import (
	"slices"
	"strings"
	"testing"
	"time"

	"bdc/cmd/bdc/copies"
	"bdc/ingest"
	"bdc/notify"
	"bdc/notify/staff"
	"bdc/order"
	"bdc/store"
)

func TestReadings(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	fine := Health{Inbox: &ingest.State{LastCheck: now}, Outbox: &notify.State{LastAnswer: now}}
	tests := []struct {
		name   string
		health Health
		want   string // the causes, with how they fare: ? unknown, + fine, ! broken
	}{
		{
			"at the start",
			Health{Inbox: &ingest.State{}, Outbox: &notify.State{}},
			"?inbox ?refused ?moves ?backlog ?fetch ?outbox +hold",
		},
		{"all is well", fine, "+inbox +refused +moves +backlog +fetch +outbox +hold"},
		{"no inbox", Health{
			Inbox:  &ingest.State{LastCheck: now, Error: "gone", Since: now, Backlog: 5000},
			Outbox: fine.Outbox,
		}, "!inbox ?refused ?moves ?backlog ?fetch +outbox +hold"},
		{
			"no moves",
			Health{Inbox: &ingest.State{LastCheck: now, MoveError: "quota", Unmoved: 3}, Outbox: fine.Outbox},
			"+inbox +refused !moves +backlog +fetch +outbox +hold",
		},
		{
			"moves are on their way",
			Health{Inbox: &ingest.State{LastCheck: now, Unmoved: 3}, Outbox: fine.Outbox},
			"+inbox +refused ?moves +backlog +fetch +outbox +hold",
		},
		{
			"a backlog",
			Health{Inbox: &ingest.State{LastCheck: now, Backlog: 1000}, Outbox: fine.Outbox},
			"+inbox +refused +moves !backlog +fetch +outbox +hold",
		},
		{
			"no outbox",
			Health{Inbox: fine.Inbox, Outbox: &notify.State{LastAnswer: now, Error: "refused", Since: now}},
			"+inbox +refused +moves +backlog +fetch !outbox +hold",
		},
		{
			"a full disk",
			Health{Inbox: fine.Inbox, Outbox: fine.Outbox, Disk: &Disk{Free: LowDisk - 1}},
			"+inbox +refused +moves +backlog +fetch +outbox !disk +hold",
		},
		{
			"room on the disk",
			Health{Inbox: fine.Inbox, Outbox: fine.Outbox, Disk: &Disk{Free: LowDisk}},
			"+inbox +refused +moves +backlog +fetch +outbox +disk +hold",
		},
		{
			"no room to write",
			Health{Data: &Data{Trouble: store.Trouble{Error: "no space left on device", Since: now}}},
			"!data +place +hold",
		},
		{
			"the inbox alone has met it",
			Health{Data: NewData(store.Trouble{}, ingest.State{DataError: "damaged", DataSince: now}, "")},
			"!data +place +hold",
		},
		{
			"replaced",
			Health{Data: &Data{Trouble: store.Trouble{Error: "another file is there", Since: now, Replaced: true}}},
			"?data !place +hold",
		},
		{"the data file in order", Health{Data: &Data{}}, "+data +place +hold"},
		{"no backup", Health{Backups: &copies.State{Error: "no such folder", Since: now}}, "!backup +hold"},
		{"a backup", Health{Backups: &copies.State{}}, "+backup +hold"},
		{
			"held",
			Health{
				Inbox: fine.Inbox, Outbox: fine.Outbox,
				Store: store.Status{OutboxPause: store.Pause{At: now, Reason: "odd"}},
			},
			"+inbox +refused +moves +backlog +fetch +outbox !hold",
		},
	}
	for _, test := range tests {
		var got []string
		for _, r := range test.health.Readings(now) {
			got = append(got, map[staff.Condition]string{
				staff.Unknown: "?", staff.Fine: "+",
				staff.Broken: "!",
			}[r.Condition]+string(r.Cause))
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%s: got %s, want %s", test.name, s, test.want)
		}
	}
}

// A message that the server does not send is a fault, so that bdc status exits with 1; staff are
// told of it, and no more cases are promised than there are.
func TestMessageLeftAloneIsAFault(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	h := Health{
		Running: true, Inbox: &ingest.State{Connected: true, LastCheck: now}, Outbox: &notify.State{LastAnswer: now},
		Owner: &Owner{},
	}
	if h.Troubled(now) {
		t.Fatal("trouble, where all is well")
	}
	h.Inbox.LeftAlone = 40
	if !h.Troubled(now) {
		t.Error("a message that is left alone is no trouble")
	}
	var out strings.Builder
	if err := h.Print(&out, now); err != nil || !strings.Contains(out.String(), "40 messages") ||
		!strings.Contains(out.String(), "16 at most have cases") {
		t.Errorf("got %s (%v), want it said", out.String(), err)
	}
	if !slices.ContainsFunc(h.Readings(now), func(r staff.Reading) bool {
		return r.Cause == order.CauseFetch && r.Condition == staff.Broken
	}) {
		t.Error("staff are told nothing")
	}
}
