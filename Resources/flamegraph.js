'use strict';
// Makes the drawing that is in the file already move. Every box is an <svg class="f"> with its place in percent of the
// width; data-t and data-o are its samples in all and its own, data-k its kind. Boxes are in the order of a walk.
(() => {
    const byId = (id) => document.getElementById(id);
    const root = document.documentElement;
    const rowHeight = 17, characterWidth = 7.25;
    const kindColours = { p: '#f6c26b', n: '#8fc7ee', k: '#f19a8e', g: '#c9ced6' };
    const boxes = [...document.querySelectorAll('.f')].map((element) => ({
        element,
        total: Number(element.dataset.t),
        own: Number(element.dataset.o),
        name: element.dataset.n,
        depth: Number(element.dataset.d),
        start: 0, parent: null, children: [], isMatch: false,
        rectangle: element.querySelector('rect'),
        colour: element.querySelector('rect').getAttribute('fill'),
        text: element.querySelector('text'),
    }));
    const header = Number(root.dataset.header);
    let rows = 0;
    const path = [];
    for (const box of boxes) {
        path.length = box.depth;
        box.parent = path[box.depth - 1] || null;
        box.start = Number(box.element.dataset.x);
        if (box.parent) box.parent.children.push(box);
        path.push(box);
        rows = Math.max(rows, box.depth + 1);
    }
    const all = boxes[0];
    let zoomed = all, focused = all, isFlipped = false, isByKind = false, pattern = null;

    function writeName(box, pixels) {
        let name = '';
        const room = Math.floor((pixels - 6) / characterWidth);
        if (room >= 3) name = box.name.length <= room ? box.name : box.name.slice(0, room - 1) + '…';
        if (!box.text && name) {
            box.text = document.createElementNS('http://www.w3.org/2000/svg', 'text');
            box.text.setAttribute('x', '4');
            box.text.setAttribute('y', '12');
            box.element.append(box.text);
        }
        if (box.text && box.text.textContent !== name) box.text.textContent = name;
    }

    function place() {
        const pixels = root.clientWidth || 1200;
        const above = new Set();
        for (let box = zoomed.parent; box; box = box.parent) above.add(box);
        const end = zoomed.start + zoomed.total;
        for (const box of boxes) {
            const isAbove = above.has(box);
            const start = isAbove ? 0 : (box.start - zoomed.start) / (zoomed.total || 1);
            const width = isAbove || box === zoomed ? 1 : box.total / zoomed.total;
            const isAway = !isAbove && box !== zoomed && (box.depth < zoomed.depth || box.start < zoomed.start || box.start >= end
                || width * pixels < 0.3);
            box.element.classList.toggle('away', isAway);
            box.element.classList.toggle('above', isAbove);
            if (isAway) continue;
            const row = isFlipped ? rows - 1 - box.depth : box.depth;
            box.element.setAttribute('x', start * 100 + '%');
            box.element.setAttribute('width', width * 100 + '%');
            box.element.setAttribute('y', header + row * rowHeight);
            writeName(box, width * pixels);
        }
        byId('reset').classList.toggle('away', zoomed === all);
    }

    function paint() {
        for (const box of boxes) {
            box.rectangle.setAttribute('fill', isByKind ? kindColours[box.element.dataset.k] : box.colour);
        }
        byId('colour').textContent = isByKind ? 'Colour: kind' : 'Colour: module';
    }

    const percent = (part, whole) => (whole ? (100 * part / whole).toFixed(2) : '0.00') + ' %';

    function tell(box) {
        const title = box.element.querySelector('title').textContent.split('\n');
        let line = title.join('   ');
        if (zoomed !== all) line += '   (' + percent(box.total, zoomed.total) + ' of ' + zoomed.name + ')';
        byId('details').textContent = line;
    }

    function zoom(box) {
        zoomed = box;
        place();
        tell(box);
        const row = isFlipped ? rows - 1 - box.depth : box.depth;
        const y = header + row * rowHeight;
        if (y < window.scrollY + header || y > window.scrollY + window.innerHeight) {
            window.scrollTo(0, Math.max(0, y - header - 2 * rowHeight));
        }
    }

    // Text in /slashes/ is a regular expression; any other is looked for as it is, in either case.
    function compile(text) {
        const slashes = /^\/(.+)\/$/.exec(text);
        try {
            return slashes ? new RegExp(slashes[1], 'i')
                : new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
        } catch {
            return null;
        }
    }

    function search(text) {
        pattern = text ? compile(text) : null;
        let matched = 0, until = -1;
        for (const box of boxes) {
            box.isMatch = pattern !== null && box !== all && pattern.test(box.element.dataset.n + ' ' + box.element.dataset.p);
            box.element.classList.toggle('match', box.isMatch);
            // A match inside of a match has been counted.
            if (box.isMatch && box.start >= until) {
                matched += box.total;
                until = box.start + box.total;
            }
        }
        byId('found').textContent = !text ? '' : pattern ? percent(matched, all.total) + ' matched' : 'not a regular expression';
    }

    function focus(box) {
        if (!box) return;
        focused.element.setAttribute('tabindex', '-1');
        focused = box;
        box.element.setAttribute('tabindex', '0');
        box.element.focus();
        tell(box);
    }

    function sibling(box, step) {
        const visible = boxes.filter((other) => other.depth === box.depth && !other.element.classList.contains('away'));
        return visible[visible.indexOf(box) + step];
    }

    function flip() {
        isFlipped = !isFlipped;
        place();
    }

    const widest = (box) => box.children.filter((child) => !child.element.classList.contains('away'))
        .reduce((best, child) => (!best || child.total > best.total ? child : best), null);

    const input = byId('search');
    const keys = {
        '/': () => input.focus(),
        ArrowLeft: () => focus(sibling(focused, -1)),
        ArrowRight: () => focus(sibling(focused, 1)),
        ArrowUp: () => focus(isFlipped ? widest(focused) : focused.parent),
        ArrowDown: () => focus(isFlipped ? focused.parent : widest(focused)),
        Enter: () => zoom(focused),
        ' ': () => zoom(focused),
        Backspace: () => zoom(zoomed.parent || all),
        '0': () => zoom(all),
        c: () => { isByKind = !isByKind; paint(); },
        i: flip,
        Escape: () => {
            if (input.value) { input.value = ''; search(''); } else zoom(all);
        },
    };
    document.addEventListener('keydown', (event) => {
        if (event.ctrlKey && event.key === 'f') {
            event.preventDefault();
            input.focus();
            input.select();
            return;
        }
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        if (event.target === input && event.key !== 'Escape') return;
        if (event.target.classList.contains('button') && (event.key === 'Enter' || event.key === ' ')) {
            event.target.dispatchEvent(new MouseEvent('click', { bubbles: true }));
            event.preventDefault();
            return;
        }
        const action = keys[event.key];
        if (!action) return;
        event.preventDefault();
        if (event.target === input) input.blur();
        action();
    });
    for (const box of boxes) {
        box.element.addEventListener('click', () => { focus(box); zoom(box); });
        box.element.addEventListener('mouseenter', () => tell(box));
    }
    byId('reset').addEventListener('click', () => zoom(all));
    byId('colour').addEventListener('click', keys.c);
    byId('flip').addEventListener('click', flip);
    input.addEventListener('input', () => search(input.value));
    window.addEventListener('resize', place);
    window.addEventListener('scroll', () => byId('head').setAttribute('transform', `translate(0 ${window.scrollY})`));
    byId('controls').classList.remove('away');
    all.element.setAttribute('tabindex', '0');
    place();
    tell(all);
})();
