package review

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bdc/order"
	"bdc/store"
)

// attached are the files that a page lists, and the address of that page.
type attached struct {
	At    string
	Parts []order.Part
}

// attachment lets the browser save a file of one of the case's messages.
func (c *Console) attachment(v *visit) error { return v.serveAttachment(c.caseParts, downloaded) }

// casePDF shows a file of one of the case's messages, if it is a PDF.
func (c *Console) casePDF(v *visit) error { return v.serveAttachment(c.caseParts, shownPDF) }

// orderAttachment lets the browser save a file of the message that an order came
// with.
func (c *Console) orderAttachment(v *visit) error { return v.serveAttachment(c.orderParts, downloaded) }

// orderPDF shows a file of the message that an order came with, if it is a PDF.
func (c *Console) orderPDF(v *visit) error { return v.serveAttachment(c.orderParts, shownPDF) }

// caseParts are the files of all messages of the case that a request names.
func (c *Console) caseParts(ctx context.Context, r *http.Request) (parts []order.Part, err error) {
	k, err := c.Store.Case(ctx, r.PathValue("code"))
	for _, a := range k.Attempts {
		parts = append(parts, a.Parts...)
	}
	return parts, err
}

// orderParts are the files of the message with which the order came that a request
// names.
func (c *Console) orderParts(ctx context.Context, r *http.Request) ([]order.Part, error) {
	o, err := c.Store.Order(ctx, r.PathValue("number"))
	if err != nil {
		return nil, err
	}
	m, err := c.orderMessage(ctx, &o)
	if err != nil {
		return nil, err
	}
	return m.Parts, nil
}

// serveAttachment answers with the file whose hash is in the address, if it is one
// of the parts.
func (v *visit) serveAttachment(
	parts func(context.Context, *http.Request) ([]order.Part, error),
	answer func(v *visit, d Download, kind string) error,
) error {
	list, err := parts(v.r.Context(), v.r)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(p order.Part) bool { return string(p.Hash) == v.r.PathValue("hash") })
	if i < 0 {
		return store.ErrNotFound
	}
	data, err := v.c.Store.Blob(v.r.Context(), list[i].Hash)
	if errors.Is(err, store.ErrNotFound) {
		return refusal{
			http.StatusGone, "Pièce jointe effacée",
			"Le temps pendant lequel les pièces jointes sont gardées est passé. " +
				"Le message lui-même est toujours dans la boîte aux lettres, si personne ne l’a supprimé.",
		}
	}
	if err != nil {
		return err
	}
	name := list[i].Name
	if strings.TrimSpace(name) == "" {
		name = "piece"
	}
	return answer(v, Download{name, "application/octet-stream", data}, list[i].Type)
}

// downloaded makes the browser save a file of whatever kind, without showing or
// running it.
func downloaded(v *visit, d Download, _ string) error {
	v.save(d)
	return nil
}

// shownPDF makes the browser show a file whose bytes are those of a PDF, in a
// sandboxed document that may load and run nothing. We sandbox it by this header
// because Chromium's viewer refuses to work in a frame with the attribute sandbox.
func shownPDF(v *visit, d Download, kind string) error {
	if kind != "pdf" {
		return store.ErrNotFound
	}
	d.Type = "application/pdf"
	v.send(d, "inline", "default-src 'none'; sandbox; frame-ancestors 'self'")
	return nil
}

// save answers with a file that the browser saves, and does not show.
func (v *visit) save(d Download) { v.send(d, "attachment", "default-src 'none'; sandbox") }

// send answers with a file, under this Content-Disposition and
// Content-Security-Policy.
func (v *visit) send(d Download, disposition, policy string) {
	h := v.w.Header()
	h.Set("Content-Type", d.Type)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": d.Name}))
	h.Set("Content-Security-Policy", policy)
	h.Set("Content-Length", strconv.Itoa(len(d.Data)))
	_, _ = v.w.Write(d.Data) // the browser is gone: nobody to tell
}
