const WIDTH = 120;
const HEIGHT = 32;
const MARGIN = 3;
const DAY = 86400000;

/** The scores in the field: one line a change, `2026-03-01 58`, oldest first. What cannot be read is left out. */
export function scoresIn(text) {
    return (text ?? '').split('\n').flatMap((line) => {
        const [, day, score] = /^(\d{4}-\d\d-\d\d) (\d{1,3})$/.exec(line.trim()) ?? [];
        const at = Date.parse(`${day}T00:00:00Z`);
        return Number.isNaN(at) || Number(score) > 100 ? [] : [{ at, score: Number(score) }];
    });
}

/** The scores as a line in steps from 0 to 100, with what it says in figures; undefined for fewer than two. */
export function lineOf(scores) {
    if (scores.length < 2) return undefined;
    const start = scores[0].at;
    const span = Math.max(DAY, scores[scores.length - 1].at - start);
    const x = (at) => round(MARGIN + ((at - start) / span) * (WIDTH - 2 * MARGIN));
    const y = (score) => round(HEIGHT - MARGIN - (score / 100) * (HEIGHT - 2 * MARGIN));
    const path = scores.map(({ at, score }, index) => `${index === 0 ? 'M' : `H${x(at)}V`}${index === 0 ? `${x(at)},` : ''}${y(score)}`);
    const end = scores[scores.length - 1];
    return {
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        path: path.join(''),
        endX: x(end.at),
        endY: y(end.score),
        first: scores[0].score,
        last: end.score,
        lowest: Math.min(...scores.map(({ score }) => score))
    };
}

const round = (value) => Math.round(value * 10) / 10;
