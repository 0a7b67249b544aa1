package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

const (
	healthFailed     = "Kubernetes Agent health check failed"
	analysisFailed   = "A2A agent analysis failed"
	callTimeout      = 10 * time.Second
	cardLife         = 30 * time.Second
	cachedCards      = 256
	silence          = 120 * time.Second // so long an agent may be out of reach
	signOfLife       = 60 * time.Second
	maxResubmissions = 1
)

// step is what one step of the talk with an agent brought; without contact there is no answer, but a wait that is due.
type step struct {
	ticket ticket
	answer *task
	wait   time.Duration
	since  time.Time // the contact before this one
}

// readyAt says when the answer was there: as the agent says, within what was seen.
func (s step) readyAt() time.Time {
	now := time.Now()
	said, err := time.Parse(time.RFC3339Nano, s.answer.Status.Timestamp)
	if err != nil || said.After(now) {
		return now
	}
	if said.Before(s.since) {
		return s.since
	}
	return said
}

// agents is the talk with all agents; it keeps their cards for a while.
type agents struct {
	a2a   *a2a
	lock  sync.Mutex
	cards map[string]keptCard
}

type keptCard struct {
	card card
	till time.Time
}

func newAgents() *agents { return &agents{a2a: newA2A(), cards: map[string]keptCard{}} }

// advance submits where the ticket has no task yet, and asks for the task where it has. An error ends the measurement.
func (a *agents) advance(ctx context.Context, t ticket, asked request, first bool) (step, error) {
	if t.taskID != "" {
		return a.poll(ctx, t, asked)
	}
	return a.submit(ctx, t, asked, first)
}

func (a *agents) cancel(t ticket) {
	if t.taskID == "" {
		return
	}
	ctx, end := context.WithTimeout(context.Background(), callTimeout)
	defer end()
	if err := a.a2a.cancelTask(ctx, t.card, t.taskID); err != nil {
		slog.Info("The agent could not be told to cancel", "error", err.Error(), "task", t.taskID)
	}
}

// submit sends the question. Our own agent starts one analysis for one messageId, so the first try need not look for tasks.
func (a *agents) submit(ctx context.Context, t ticket, asked request, first bool) (step, error) {
	var err error
	if t.card, err = a.card(ctx, t.agentURL); err != nil {
		return step{}, err
	}
	t.lastContact = time.Now()
	if !first || !t.card.extended() {
		if found, err := a.look(ctx, &t, asked); found || err != nil {
			return step{ticket: t}, err
		}
	}
	answer, err := a.send(ctx, t, asked)
	if err != nil && lost(err) {
		// Nobody knows whether the agent has the message, nor whether the card still holds.
		a.lock.Lock()
		delete(a.cards, t.agentURL)
		a.lock.Unlock()
		if t.card, err = a.card(ctx, t.agentURL); err != nil {
			return step{}, err
		}
		if found, err := a.look(ctx, &t, asked); found || err != nil {
			return step{ticket: t}, err
		}
		answer, err = a.send(ctx, t, asked)
	}
	if err != nil {
		return step{}, fmt.Errorf("%s: %w", analysisFailed, err)
	}
	return heard(t, answer), nil
}

// look puts a task that an earlier try has left into the ticket, or the next attempt's number.
func (a *agents) look(ctx context.Context, t *ticket, asked request) (bool, error) {
	ctx, end := context.WithTimeout(ctx, callTimeout)
	defer end()
	tasks, err := a.a2a.listTasks(ctx, t.card, t.contextID)
	if err != nil {
		return false, fmt.Errorf("%s: %w", analysisFailed, err)
	}
	open, spent := "", 0
	for _, one := range tasks {
		if one.open() {
			if open == "" {
				open = one.ID
			}
			continue
		}
		if one.state() == "completed" {
			if _, err := readVerdict(one, asked.Run.UID); err == nil {
				t.taskID = one.ID
				return true, nil
			}
		}
		spent++
	}
	t.taskID = open
	if open == "" && len(tasks) > 0 {
		t.attempt = max(t.attempt, spent+1)
	}
	return open != "", nil
}

func (a *agents) send(ctx context.Context, t ticket, asked request) (task, error) {
	sent := message{
		MessageID: t.messageID(), ContextID: t.contextID, Role: "ROLE_USER",
		Parts: []part{{Text: asked.text(), MediaType: "text/plain"}},
	}
	patience := max(time.Until(t.deadline), time.Second) // others may ignore returnImmediately
	if t.card.extended() {
		data, err := json.Marshal(asked)
		if err != nil {
			return task{}, err
		}
		sent.Parts = append(sent.Parts, part{Data: data, MediaType: requestMediaType})
		sent.Extensions = []string{extensionURI}
		patience = callTimeout
	}
	ctx, end := context.WithTimeout(ctx, patience)
	defer end()
	return a.a2a.send(ctx, t.card, sent)
}

func (a *agents) poll(ctx context.Context, t ticket, asked request) (step, error) {
	calling, end := context.WithTimeout(ctx, callTimeout)
	defer end()
	found, err := a.a2a.getTask(calling, t.card, t.taskID)
	if hasCode(err, codeTaskNotFound) {
		return a.resubmit(ctx, t, asked, "the agent no longer knows the task")
	}
	if err != nil {
		return noContact(t, err)
	}
	next := heard(t, found)
	if found.open() && t.card.extended() && time.Since(next.ticket.signSeen) > signOfLife {
		a.cancel(t)
		return a.resubmit(ctx, t, asked, fmt.Sprintf("no sign of life for %s", signOfLife))
	}
	return next, nil
}

func (a *agents) resubmit(ctx context.Context, t ticket, asked request, why string) (step, error) {
	if t.resubmissions >= maxResubmissions {
		return step{}, fmt.Errorf("%s: %s, after %d attempts", analysisFailed, why, t.attempt)
	}
	slog.Warn("Submitting again", "why", why, "task", t.taskID)
	return a.submit(ctx, t.resubmitted(), asked, true)
}

// noContact is no error before the agent has been away for long. Waits grow, so that its return is not met by a crowd.
func noContact(t ticket, err error) (step, error) {
	away := time.Since(t.lastContact)
	if !retryable(err) {
		return step{}, fmt.Errorf("%s: %w", analysisFailed, err)
	}
	if away > silence {
		return step{}, fmt.Errorf("%s: no contact for %.0f s: %w", analysisFailed, away.Seconds(), err)
	}
	slog.Warn("No contact with the agent", "error", err.Error(), "task", t.taskID)
	next := step{ticket: t, wait: away / 4}
	var refused *refusal
	if errors.As(err, &refused) {
		next.wait = max(next.wait, refused.retryAfter)
	}
	return next, nil
}

func heard(t ticket, answer task) step {
	since := t.lastContact
	t.lastContact = time.Now()
	if answer.ID != "" {
		t.taskID = answer.ID
		if sign := answer.Status.Timestamp; t.signSeen.IsZero() || sign != t.sign {
			t.sign, t.signSeen = sign[:min(len(sign), maxID)], t.lastContact
		}
	}
	return step{ticket: t, answer: &answer, since: since}
}

func (a *agents) card(ctx context.Context, agentURL string) (card, error) {
	a.lock.Lock()
	kept, found := a.cards[agentURL]
	a.lock.Unlock()
	if found && time.Now().Before(kept.till) {
		return kept.card, nil
	}
	ctx, end := context.WithTimeout(ctx, callTimeout)
	defer end()
	fetched, err := a.a2a.fetchCard(ctx, agentURL)
	if err != nil {
		return card{}, fmt.Errorf("%s: %w", healthFailed, err)
	}
	a.lock.Lock()
	defer a.lock.Unlock()
	if len(a.cards) >= cachedCards {
		clear(a.cards)
	}
	a.cards[agentURL] = keptCard{fetched, time.Now().Add(cardLife)}
	return fetched, nil
}
