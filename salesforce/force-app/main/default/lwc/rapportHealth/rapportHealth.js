import { LightningElement, api, wire } from 'lwc';
import { getFieldValue, getRecord } from 'lightning/uiRecordApi';
import { getRelatedListRecords } from 'lightning/uiRelatedListApi';
import RANK from '@salesforce/schema/Account.Rapport_Health_Rank__c';
import SCORE from '@salesforce/schema/Account.Rapport_Health_Score__c';
import REASONS from '@salesforce/schema/Account.Rapport_Health_Reasons__c';
import TREND from '@salesforce/schema/Account.Rapport_Health_Trend__c';
import COMPUTED_AT from '@salesforce/schema/Account.Rapport_Health_At__c';
import PROFILE_URL from '@salesforce/schema/Account.Rapport_Profile_URL__c';

import { lineOf, scoresIn } from './trend';

const INSIGHT_FIELDS = ['Headline__c', 'Body__c', 'Occurred_At__c', 'Handled__c', 'URL__c'].map(
    (name) => `Rapport_Insight__c.Rapport_${name}`
);

/** The same three marks as in Rapport: a shape and a word beside the colour. */
const MARKS = {
    Good: { icon: 'utility:success', tone: 'good' },
    Average: { icon: 'utility:warning', tone: 'average' },
    Poor: { icon: 'utility:error', tone: 'poor' }
};

/**
 * What Rapport knows of an account, on its record page. All of it comes from the record and its related list through the Lightning
 * Data Service: nothing is fetched from outside, and people see only fields that their permissions let them see.
 */
export default class RapportHealth extends LightningElement {
    @api recordId;
    @api insightsShown = 5;
    account;
    accountError;
    related;

    /* Fields are optional: whoever may not read one sees the rest. */
    @wire(getRecord, {
        recordId: '$recordId',
        optionalFields: [RANK, SCORE, REASONS, TREND, COMPUTED_AT, PROFILE_URL]
    })
    takeAccount({ data, error }) {
        this.account = data;
        this.accountError = error;
    }

    @wire(getRelatedListRecords, {
        parentRecordId: '$recordId',
        relatedListId: 'Rapport_Insights__r',
        fields: INSIGHT_FIELDS,
        sortBy: ['-Rapport_Insight__c.Rapport_Occurred_At__c'],
        pageSize: 20
    })
    takeInsights({ data }) {
        this.related = data;
    }

    get isLoading() {
        return !this.account && !this.accountError;
    }

    get hasFailed() {
        return Boolean(this.accountError);
    }

    get rank() {
        return MARKS[this.valueOf(RANK)] ? this.valueOf(RANK) : undefined;
    }

    get hasNoRank() {
        return Boolean(this.account) && !this.rank;
    }

    get rankIcon() {
        return MARKS[this.rank].icon;
    }

    get rankClass() {
        return `rank rank-${MARKS[this.rank].tone}`;
    }

    get score() {
        return this.valueOf(SCORE);
    }

    get line() {
        return lineOf(scoresIn(this.valueOf(TREND)));
    }

    get lineText() {
        const { first, last, lowest } = this.line;
        return `Score from ${first} to ${last}, lowest ${lowest}`;
    }

    get reasons() {
        return (this.valueOf(REASONS) ?? '')
            .split('\n')
            .map((text) => text.trim())
            .filter(Boolean)
            .map((text, key) => ({ key, text }));
    }

    get computedAt() {
        return this.valueOf(COMPUTED_AT);
    }

    get profileUrl() {
        return linkOrNothing(this.valueOf(PROFILE_URL));
    }

    get insights() {
        const records = this.related?.records ?? [];
        return records.slice(0, Number(this.insightsShown) || 5).map(({ id, fields }) => {
            const value = (name) => fields[`Rapport_${name}__c`]?.value ?? undefined;
            const handled = value('Handled');
            return {
                id,
                headline: value('Headline'),
                body: value('Body'),
                at: value('Occurred_At'),
                handled: handled === 'New' ? undefined : handled,
                url: `/lightning/r/Rapport_Insight__c/${id}/view`
            };
        });
    }

    get hasNoInsights() {
        return Boolean(this.related) && this.insights.length === 0;
    }

    valueOf(field) {
        return this.account ? (getFieldValue(this.account, field) ?? undefined) : undefined;
    }
}

/** Only what a browser may follow: a field can hold anything that somebody typed. */
function linkOrNothing(address) {
    return /^https?:\/\//i.test(address ?? '') ? address : undefined;
}
