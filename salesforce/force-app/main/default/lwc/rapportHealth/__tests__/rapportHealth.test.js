import { createElement } from 'lwc';
import { getRecord } from 'lightning/uiRecordApi';
import { getRelatedListRecords } from 'lightning/uiRelatedListApi';
import RapportHealth from 'c/rapportHealth';

const field = (value) => ({ value, displayValue: null });

const account = (values = {}) => ({
    apiName: 'Account',
    id: '001000000000001AAA',
    fields: {
        Rapport_Health_Rank__c: field('Average'),
        Rapport_Health_Score__c: field(58),
        Rapport_Health_Reasons__c: field('1 urgent case is open (−30)\n\n1 case is open (−5)'),
        Rapport_Health_Trend__c: field('2026-01-01 90\n2026-02-01 40\n2026-03-01 58'),
        Rapport_Health_At__c: field('2026-03-01T08:00:00.000Z'),
        Rapport_Profile_URL__c: field('https://portal.example/console/accounts/001'),
        ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name, field(value)]))
    }
});

const insight = (id, values) => ({
    id,
    fields: {
        Rapport_Headline__c: field('Health went from Good to Average (58)'),
        Rapport_Body__c: field('1 urgent case is open'),
        Rapport_Occurred_At__c: field('2026-03-01T08:00:00.000Z'),
        Rapport_Handled__c: field('New'),
        Rapport_URL__c: field(null),
        ...Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name, field(value)]))
    }
});

async function shown(data, records) {
    const element = createElement('c-rapport-health', { is: RapportHealth });
    element.recordId = '001000000000001AAA';
    document.body.appendChild(element);
    if (data) getRecord.emit(data);
    if (records) getRelatedListRecords.emit({ count: records.length, records });
    await Promise.resolve();
    return element.shadowRoot;
}

const textsOf = (root, selector) => [...root.querySelectorAll(selector)].map((each) => each.textContent.trim());

afterEach(() => {
    document.body.replaceChildren();
    jest.clearAllMocks();
});

test('shows the rank by a word and a shape, the score, and each reason on a line of its own', async () => {
    const root = await shown(account(), []);
    expect(root.querySelector('.rank').textContent).toContain('Average');
    expect(root.querySelector('.rank lightning-icon').iconName).toBe('utility:warning');
    expect(root.querySelector('.score').textContent).toBe('58 of 100');
    expect(textsOf(root, '.slds-list_dotted li')).toEqual(['1 urgent case is open (−30)', '1 case is open (−5)']);
});

test('draws how the score moved, and says the same in words', async () => {
    const root = await shown(account(), []);
    const line = root.querySelector('svg.line');
    expect(line.getAttribute('aria-label')).toBe('Score from 90 to 58, lowest 40');
    expect(line.querySelector('path').getAttribute('d')).toMatch(/^M3,[\d.]+H[\d.]+V[\d.]+H117V[\d.]+$/);
    expect(line.querySelector('circle').getAttribute('cx')).toBe('117');
});

test('draws no line from one day, nor from what is no course', async () => {
    for (const trend of ['2026-01-01 90', 'nonsense', '2026-13-40 50\n2026-01-01 900', '', null]) {
        const root = await shown(account({ Rapport_Health_Trend__c: trend }), []);
        expect(root.querySelector('svg')).toBeNull();
        document.body.replaceChildren();
    }
});

test('lists the newest insights with what became of them, as many as the page is set to', async () => {
    const records = ['a', 'b', 'c'].map((id, index) =>
        insight(id, { Rapport_Headline__c: `Insight ${id}`, Rapport_Handled__c: index === 1 ? 'Done' : 'New' })
    );
    const root = await shown(account(), records);
    expect(textsOf(root, '.insights a')).toEqual(['Insight a', 'Insight b', 'Insight c']);
    expect(root.querySelector('.insights a').getAttribute('href')).toBe('/lightning/r/Rapport_Insight__c/a/view');
    expect(textsOf(root, '.handled')).toEqual(['Done']);

    document.body.firstChild.insightsShown = 2;
    await Promise.resolve();
    expect(textsOf(root, '.insights a')).toHaveLength(2);
});

test('asks for the newest insights of this account', async () => {
    await shown(account(), []);
    expect(getRelatedListRecords.getLastConfig()).toMatchObject({
        parentRecordId: '001000000000001AAA',
        relatedListId: 'Rapport_Insights__r',
        sortBy: ['-Rapport_Insight__c.Rapport_Occurred_At__c']
    });
});

test('says that an account has no rank, and that it has no insight', async () => {
    const root = await shown(account({ Rapport_Health_Rank__c: null, Rapport_Health_Score__c: null }), []);
    expect(root.querySelector('.rank')).toBeNull();
    expect(textsOf(root, '.empty')).toEqual([
        expect.stringContaining('no health rank'),
        expect.stringContaining('No insight yet')
    ]);
});

test('opens the profile in a window of its own, and follows no other kind of address', async () => {
    const link = (await shown(account(), [])).querySelector('a[target=_blank]');
    expect(link.href).toBe('https://portal.example/console/accounts/001');
    expect(link.rel).toBe('noopener noreferrer');
    document.body.replaceChildren();
    for (const address of ['javascript:alert(1)', '/somewhere', null]) {
        const root = await shown(account({ Rapport_Profile_URL__c: address }), []);
        expect(root.querySelector('a[target=_blank]')).toBeNull();
        document.body.replaceChildren();
    }
});

test('waits until the record is there, and says so when it cannot be read', async () => {
    const root = await shown();
    expect(root.querySelector('lightning-spinner').alternativeText).toBe('Loading');
    getRecord.error({ message: 'no access' });
    await Promise.resolve();
    expect(root.querySelector('lightning-spinner')).toBeNull();
    expect(root.querySelector('[role=alert]').textContent).toContain('cannot be read');
});

test('has a heading that names it, and figures that a screen reader can say', async () => {
    const root = await shown(account(), [insight('a')]);
    const named = root.querySelector('article').getAttribute('aria-labelledby');
    expect(root.querySelector('h2').id).toBe(named);
    expect(root.querySelector('svg').getAttribute('role')).toBe('img');
    expect(textsOf(root, 'h3')).toEqual(['Why', 'Insights']);
});
