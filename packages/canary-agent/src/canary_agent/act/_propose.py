"""What a draft pull request proposes: stable's image again, or a model's fix."""

from canary_agent.models import Bounds, panel_for
from canary_agent.process import Cancelled
from canary_verdict import CanaryRequest, CanaryVerdict
from canary_verdict.issue import MAX_BODY, Incident, code, issue_body

from ._client import Client
from ._errors import ActError
from ._fix import ask_for_fix
from ._patch import Edit, apply_edits
from ._paths import PathPolicy
from ._pull import Change, find_pull, open_pull
from ._rollback import is_manifest, rolled_back, swaps
from ._settings import ActSettings, PullRequests
from ._tree import look_at, read_files

_MODEL_SECONDS = 180.0


def pull_request(
    client: Client,
    settings: ActSettings,
    request: CanaryRequest,
    verdict: CanaryVerdict,
    cancelled: Cancelled,
) -> str:
    """The page of the run's one draft pull request, made where there was none.

    Args:
        client: of the repository.
        settings: which kind, and which paths.
        request: for the base branch and the run.
        verdict: for images, cause and evidence.
        cancelled: asked at least twice a second while a model is asked.

    Raises:
        ActError: there is nothing to propose, it is not allowed, or GitHub refuses.
    """
    policy = PathPolicy(settings.paths)
    if policy.is_empty:
        raise ActError("no path may be changed; set CANARY_AGENT_GITHUB_PATHS")
    if link := find_pull(client, request.run):
        return link
    base = look_at(client, request.repository.base_branch)
    wanted = [path for path in base.blobs if not policy.refusal(path)]
    if settings.pull_requests is PullRequests.ROLLBACK:
        files = read_files(client, base, lambda path: path in wanted and is_manifest(path))
        change = _rollback(files, verdict, policy)
    else:
        files = read_files(client, base, wanted.__contains__)
        change = _fix(files, settings, verdict, policy, cancelled)
    body = f"{change.body}\n\n{_issue(verdict)}"
    story = issue_body(Incident.of(request, verdict), "canary-agent")
    if len(body) + len(story) <= MAX_BODY:
        body += story
    return open_pull(client, request.run, base, Change(change.title, body, change.files))


def _rollback(files: dict[str, str], verdict: CanaryVerdict, policy: PathPolicy) -> Change:
    pairs = swaps(verdict.stable_images, verdict.canary_images)
    if not pairs:
        raise ActError("the images of canary and stable are not known, or are the same ones")
    edits = []
    for path, text in files.items():
        after = text
        for pair in pairs:
            after = rolled_back(after, pair)
        if after != text:
            edits.append(Edit(path, text, after))
    if not edits:
        names = ", ".join(pair.canary for pair in pairs)
        raise ActError(
            f"no manifest that may be changed names the canary's image ({names[:300]}); check baseBranch and "
            "CANARY_AGENT_GITHUB_PATHS"
        )
    changed = apply_edits(files, edits, policy)
    lines = [f"- {code(pair.canary, 500)} back to {code(pair.stable, 500)}" for pair in pairs]
    body = "Takes the image back to stable's:\n\n" + "\n".join(lines)
    return Change(f"Roll back to {pairs[0].stable}", body, changed)


def _fix(
    files: dict[str, str],
    settings: ActSettings,
    verdict: CanaryVerdict,
    policy: PathPolicy,
    cancelled: Cancelled,
) -> Change:
    panel = panel_for(settings.models)
    if panel is None:
        raise ActError(
            "a fix needs a model; set MODELS, or CANARY_AGENT_GITHUB_PULL_REQUESTS=rollback"
        )
    proposal = ask_for_fix(panel, files, verdict, Bounds(cancelled, _MODEL_SECONDS))
    changed = apply_edits(files, proposal.edits, policy)
    body = f"A model proposes this change; nobody has tried it. Its words:\n\n{proposal.words}"
    return Change(f"Proposed fix: {proposal.title}", body, changed)


def _issue(verdict: CanaryVerdict) -> str:
    return f"See <{verdict.issue_link}>.\n\n" if verdict.issue_link else ""
